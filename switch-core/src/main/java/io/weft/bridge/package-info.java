/**
 * What happens to a frame between the port it came in by and the ports it leaves by.
 *
 * <p>{@link io.weft.bridge.Bridge} (or {@link io.weft.bridge.CrossConnect}) decides,
 * {@link io.weft.bridge.EgressBatches} collects one batch per touched port and sends them all at the end of a round.
 * Everything here is confined to one worker, except the FDB and the state of ports, which all workers share.
 */
package io.weft.bridge;
