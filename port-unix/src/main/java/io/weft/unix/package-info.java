/** The unix sockets of QEMU's stream and dgram network back ends as ports of a switch. */
package io.weft.unix;
