package io.weft.bridge;

/**
 * Whether a frame that a port sends untagged carries a priority tag instead: an 802.1Q header with VID 0, which says the
 * priority and no VLAN (802.1Q 6.9.3).
 */
public enum PriorityTags {
    /** Never: the header is taken off. What access and native-untagged ports do unless told otherwise. */
    NEVER,
    /** When the frame came with a priority other than 0. */
    IF_NONZERO,
    /** Always. */
    ALWAYS,
    /** A frame of VLAN 0 leaves as it came, with or without. What trunks do unless told otherwise. */
    AS_RECEIVED
}
