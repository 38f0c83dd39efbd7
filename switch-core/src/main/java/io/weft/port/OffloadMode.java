package io.weft.port;

/** How much of the work on a frame a port and its transport are to leave to each other, as far as both can. */
public enum OffloadMode {
    /** Checksums and segmentation: super-frames of up to 64 KiB. */
    ON,
    /** Checksums only. */
    CSUM,
    /** Nothing: whole frames with complete checksums. */
    OFF
}
