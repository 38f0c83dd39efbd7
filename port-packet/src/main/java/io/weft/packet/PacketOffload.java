package io.weft.packet;

/**
 * What a packet port leaves to the network interface when it sends, as far as the kernel has it. It says nothing about
 * receiving: the kernel hands up what it has, with what is left to be done to it.
 */
public enum PacketOffload {
    /** Super-frames of up to 64 KiB, and checksums. */
    ON,
    /** Checksums only. */
    CSUM,
    /** Nothing: frame by frame, checksums complete. */
    OFF
}
