/**
 * The Port SPI: what the author of a port type implements, and what the switch gives in return.
 *
 * <p>A {@link io.weft.port.Port} is what the bridge sees: a name, limits, {@code transmit}. A
 * {@link io.weft.port.PortDriver} is what a worker sees: one descriptor, socket or ring that is polled, with one or more
 * ports behind it. A {@link io.weft.port.PortProvider}, found with {@code ServiceLoader}, makes drivers from
 * {@link io.weft.port.PortUri port URIs}. Simple port types are one class that is both driver and port.
 */
package io.weft.port;
