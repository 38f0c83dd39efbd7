/**
 * The two hosts at the ends of the main example: something with a MAC, an IPv4 and an IPv6 address that pings or answers.
 *
 * <p>A {@link io.weft.examples.hosts.Host} is a virtual machine ({@link io.weft.examples.hosts.QemuHost}), a network
 * namespace ({@link io.weft.examples.hosts.NamespaceHost}) or an object in this process
 * ({@link io.weft.examples.hosts.memory.MemoryHost}); {@link io.weft.examples.hosts.HostsChoice} says which of them this
 * machine can have. All of them tell the same {@link io.weft.examples.hosts.HostEvent}s, so that a program that shows
 * them need not know which kind it has.
 */
package io.weft.examples.hosts;
