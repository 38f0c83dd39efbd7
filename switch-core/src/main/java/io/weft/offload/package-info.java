/**
 * What a network card would do to a frame, done in software: checksums, segmentation and coalescing.
 *
 * <p>A frame from a TAP or a guest may carry metadata instead of finished bytes: a checksum that is still to be completed,
 * or a super-frame of up to 64 KiB that stands for many frames on the wire (VIRTIO 1.2, 5.1.6). The driver that receives it
 * asks {@link io.weft.offload.OffloadCheck} whether the bytes bear the metadata out; everything behind relies on that.
 * {@link io.weft.offload.WireFrames} says what a super-frame counts for. In front of a port that cannot take it as it is,
 * {@link io.weft.offload.ChecksumCompletion} and {@link io.weft.offload.Segmenter} make ordinary frames of it.
 * {@link io.weft.offload.InternetChecksum} is the sum they share, and {@link io.weft.offload.FlowHash} says which frames
 * belong together.
 */
package io.weft.offload;
