/** Tests of segment routing over IPv6. */
package io.weft.srv6;
