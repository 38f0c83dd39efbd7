package io.weft.tap;

/** How much of the work on a frame the host and the port leave to each other. */
public enum TapOffload {
    /** Checksums and segmentation: the host sends super-frames of up to 64 KiB, and gets them. */
    ON,
    /** Checksums only. */
    CSUM,
    /** Nothing: whole frames with complete checksums, without the virtio header. */
    OFF
}
