/**
 * Patch ports: two switches of one JVM joined without a device, a socket or a copy. A {@link io.weft.patch.PatchPort} hands
 * the frames that its switch sends to a bounded queue; the other end's worker takes them out as received.
 */
package io.weft.patch;
