/** TAP and TUN devices of Linux as ports. */
package io.weft.tap;
