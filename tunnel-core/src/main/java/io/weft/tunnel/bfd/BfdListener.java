package io.weft.tunnel.bfd;

/** Hears what becomes of a session. */
@FunctionalInterface
public interface BfdListener {
    /**
     * The state has changed, or {@link BfdSession#isForwarding()} has. Called by the session's worker from within
     * {@link BfdSession#poll}, {@code onPacket}, {@code onFrame}, {@code enable} or {@code disable}, which it must not call.
     *
     * @param session as it is now
     * @param before the state it was in, which is the same if only the remote's diagnostic has changed
     */
    void changed(BfdSession session, BfdState before);
}
