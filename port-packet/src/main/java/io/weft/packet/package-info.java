/** Existing network interfaces, and capture files, as ports of a switch. */
package io.weft.packet;
