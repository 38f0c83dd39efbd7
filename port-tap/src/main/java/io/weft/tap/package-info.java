/** TAP devices of Linux as ports of a switch. */
package io.weft.tap;
