package io.weft.frame;

/** Chooses frames by what they are. Called by workers: returns at once, allocates nothing, throws for no frame. */
public interface FrameSelector {
    /** Every frame. */
    FrameSelector ALL = (frame, vlan) -> true;

    /** Whether a frame, whose VLAN the bridge has found out, is chosen. */
    boolean matches(Frame frame, int vlan);
}
