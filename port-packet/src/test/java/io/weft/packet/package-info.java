/** Tests of network interfaces and capture files as ports. */
package io.weft.packet;
