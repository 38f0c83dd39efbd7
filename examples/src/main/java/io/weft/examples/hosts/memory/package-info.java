/**
 * A host in this process that speaks just enough of the Internet protocols to ping and be pinged: ARP, IPv6 neighbour
 * discovery, and ICMP echo over both.
 *
 * <p>{@link io.weft.examples.hosts.memory.MemoryHost} takes frames and gives frames. For each protocol there is one
 * class with the bytes: a check that says whether a frame may be read, accessors that cannot fail after it, and a
 * builder.
 */
package io.weft.examples.hosts.memory;
