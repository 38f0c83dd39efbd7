package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffloadCheckTest {
    private final FramePool pool = new FramePool(8, 4);
    private final SuperFrames shape = new SuperFrames();

    private Frame frame() {
        return shape.allocate(pool);
    }

    private static boolean isSound(Frame frame) {
        boolean sound = OffloadCheck.isSound(frame);
        frame.release();
        return sound;
    }

    private void shouldBeSoundWithItsTrueHeaderLength() {
        Frame frame = frame();
        assertThat(OffloadCheck.isSound(frame)).isTrue();
        assertThat(frame.headerLength()).isEqualTo(shape.headerLength());
        assertThat(frame.gsoSize()).isEqualTo(shape.gsoSize);
        assertThat(frame.checksumStart()).isEqualTo(shape.transport());
        frame.release();
    }

    // ---- what is sound ----

    @Test
    void shouldAcceptFramesWithoutMetadata() {
        Frame runt = pool.allocate(0);
        assertThat(isSound(runt)).isTrue();
    }

    @Test
    void shouldAcceptVerifiedFrames() {
        Frame frame = pool.allocate(60);
        frame.offload(Frame.OFFLOAD_CHECKSUM_VALID, 0, 0, 0, 0, 0);
        assertThat(isSound(frame)).isTrue();
    }

    @Test
    void shouldAcceptEveryShapeOfSuperFrame() {
        for (int tags = 0; tags < 3; tags++) {
            shape.tags = tags == 0 ? new int[0] : tags == 1 ? new int[] {0x8100} : new int[] {0x88a8, 0x8100};
            for (boolean udp : new boolean[] {false, true}) {
                shape.udp = udp;
                shape.ipv6 = false;
                for (int options : new int[] {0, 4, 40}) {
                    shape.ipv4OptionLength = options;
                    shape.tcpOptionLength = options;
                    shouldBeSoundWithItsTrueHeaderLength();
                }
                shape.ipv6 = true;
                for (int[] headers : new int[][] {{}, {0}, {0, 60, 43, 60}}) {
                    shape.extensionHeaders = headers;
                    shouldBeSoundWithItsTrueHeaderLength();
                }
            }
        }
    }

    @Test
    void shouldAcceptEcnWithTcpOnly() {
        shape.ecn = true;
        assertThat(isSound(frame())).isTrue();
        shape.ipv6 = true;
        assertThat(isSound(frame())).isTrue();
        shape.udp = true;
        assertThat(isSound(frame())).isFalse();
    }

    @Test
    void shouldTakeASuperFrameOfOneSegmentForAnOrdinaryFrame() {
        for (int payload : new int[] {1, shape.gsoSize, shape.gsoSize + 1}) {
            shape.payloadLength = payload;
            Frame frame = frame();
            assertThat(OffloadCheck.isSound(frame)).isTrue();
            assertThat(frame.gsoType()).isEqualTo(payload > shape.gsoSize ? Frame.GSO_TCPV4 : 0);
            assertThat(frame.offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_PARTIAL);
            frame.release();
        }
        shape.payloadLength = 0;
        assertThat(isSound(frame())).isFalse();
    }

    // ---- lies about a partial checksum ----

    private Frame partial(int length, int start, int offset) {
        Frame frame = pool.allocate(length);
        for (int i = 0; i < length; i++) {
            frame.putByte(i, 0);
        }
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, start, offset);
        return frame;
    }

    @Test
    void shouldRefuseAChecksumFieldBehindTheFrame() {
        assertThat(isSound(partial(60, 34, 24))).isTrue();
        assertThat(isSound(partial(60, 34, 25))).isFalse();
        assertThat(isSound(partial(60, 58, 0))).isTrue();
        assertThat(isSound(partial(60, 59, 0))).isFalse();
        assertThat(isSound(partial(60, 65_535, 65_535))).isFalse();
        assertThat(isSound(partial(0, 0, 0))).isFalse();
    }

    @Test
    void shouldRefuseAChecksumThatBeginsInTheEthernetHeaderOrATag() {
        assertThat(isSound(partial(60, 14, 0))).isTrue();
        assertThat(isSound(partial(60, 13, 0))).isFalse();
        Frame tagged = partial(60, 18, 0);
        tagged.putShort(12, Ethernet.TPID_CUSTOMER);
        assertThat(isSound(tagged)).isTrue();
        tagged = partial(60, 17, 0);
        tagged.putShort(12, Ethernet.TPID_CUSTOMER);
        assertThat(isSound(tagged)).isFalse();
    }

    // ---- lies of a super-frame, one by one ----

    private void shouldRefuse(int flags, int gsoType, int gsoSize, int start, int offset) {
        Frame frame = frame();
        frame.offload(flags, gsoType, gsoSize, frame.headerLength(), start, offset);
        assertThat(isSound(frame)).isFalse();
    }

    @Test
    void shouldRefuseLiesInTheMetadata() {
        int start = shape.transport();
        shouldRefuse(0, 1, 1_448, start, 16);
        shouldRefuse(Frame.OFFLOAD_CHECKSUM_VALID, 1, 1_448, start, 16);
        shouldRefuse(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 0, start, 16);
        shouldRefuse(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 1_448, start, 6);
        shouldRefuse(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 1_448, start + 4, 16);
        shouldRefuse(Frame.OFFLOAD_CHECKSUM_PARTIAL, 1, 1_448, start - 4, 16);
        for (int type = 0; type < 256; type++) {
            if (type != 0 && type != 1 && type != 0x81) {
                shouldRefuse(Frame.OFFLOAD_CHECKSUM_PARTIAL, type, 1_448, start, 16);
            }
        }
    }

    private void shouldRefuseByte(int index, int value) {
        Frame frame = frame();
        assertThat(frame.getByte(index)).isNotEqualTo(value);
        frame.putByte(index, value);
        assertThat(OffloadCheck.isSound(frame))
                .as("byte %d is %d", index, value)
                .isFalse();
        frame.release();
    }

    private void shouldRefuseTruncations() {
        for (int length = 0; length < shape.headerLength() + shape.payloadLength; length++) {
            Frame frame = frame();
            frame.length(length);
            assertThat(OffloadCheck.isSound(frame)).as("%d bytes", length).isFalse();
            frame.release();
        }
    }

    @Test
    void shouldRefuseLiesOfIpv4() {
        int network = shape.network();
        shouldRefuseByte(network, 0x65); // version
        shouldRefuseByte(network, 0x44); // header length below 20
        shouldRefuseByte(network, 0x46); // header length that does not lead to the checksum's start
        shouldRefuseByte(network + 2, 0); // total length below the frame's
        shouldRefuseByte(network + 2, 0xff); // and above
        shouldRefuseByte(network + 6, 0x20); // more fragments
        shouldRefuseByte(network + 7, 1); // a later fragment
        shouldRefuseByte(network + 9, 17); // UDP
        shouldRefuseByte(network - 1, 6); // ARP
    }

    @Test
    void shouldRefuseLiesOfIpv6() {
        shape.ipv6 = true;
        shape.extensionHeaders = new int[] {0};
        int network = shape.network();
        shouldRefuseByte(network, 0x40); // version
        shouldRefuseByte(network + 4, 0); // payload length
        shouldRefuseByte(network + 6, 44); // fragment header
        shouldRefuseByte(network + 6, 51); // authentication header
        shouldRefuseByte(network + 40, 17); // UDP
        shouldRefuseByte(network + 41, 0); // extension header that ends before the checksum's start
        shouldRefuseByte(network + 41, 255); // and behind it
        shape.extensionHeaders = new int[] {0, 60, 60, 60, 60, 60, 60, 60};
        assertThat(isSound(frame())).isTrue();
        shape.extensionHeaders = new int[] {0, 60, 60, 60, 60, 60, 60, 60, 60};
        assertThat(isSound(frame())).isFalse();
    }

    @Test
    void shouldRefuseLiesOfTransportHeaders() {
        shouldRefuseByte(shape.transport() + 12, 0x40); // data offset below 20
        shape.payloadLength = 8;
        shouldRefuseByte(shape.transport() + 12, 0xf0); // data offset behind the frame's end
        shouldRefuseByte(shape.transport() + 12, 0xa0); // at the frame's end
        shape.udp = true;
        shouldRefuseByte(shape.transport() + 5, 8);
        shouldRefuseByte(shape.transport() + 4, 0xff);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseTruncatedFrames(boolean ipv6) {
        shape.ipv6 = ipv6;
        shape.extensionHeaders = new int[] {0, 43};
        shape.payloadLength = 100;
        shape.gsoSize = 30;
        shouldRefuseTruncations();
        shape.udp = true;
        shouldRefuseTruncations();
    }

    @Test
    void shouldRefuseThreeTagsAndUnusualOnes() {
        shape.tags = new int[] {0x88a8, 0x8100, 0x8100};
        assertThat(isSound(frame())).isFalse();
        shape.tags = new int[] {0x9100};
        assertThat(isSound(frame())).isFalse();
    }

    // ---- wire frames ----

    @Test
    void shouldCountWhatASuperFrameStandsFor() {
        Frame frame = frame();
        assertThat(OffloadCheck.isSound(frame)).isTrue();
        assertThat(WireFrames.count(frame)).isEqualTo(4);
        assertThat(WireFrames.bytes(frame)).isEqualTo(5_000 + 4 * 66);
        Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, 100);
        assertThat(WireFrames.bytes(frame)).isEqualTo(5_000 + 4 * 70);
        frame.release();
        shape.payloadLength = 2 * 1_448;
        frame = frame();
        assertThat(OffloadCheck.isSound(frame)).isTrue();
        assertThat(WireFrames.count(frame)).isEqualTo(2);
        frame.release();
        frame = partial(60, 34, 16);
        assertThat(WireFrames.count(frame)).isEqualTo(1);
        assertThat(WireFrames.bytes(frame)).isEqualTo(60);
        frame.release();
    }

    // ---- completion ----

    @Test
    void shouldCompleteAChecksum() {
        shape.payloadLength = 1_001;
        Frame frame = frame();
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, shape.transport(), 16);
        Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, 100);
        ChecksumCompletion.complete(frame);
        assertThat(frame.offloadFlags()).isEqualTo(Frame.OFFLOAD_CHECKSUM_VALID);
        assertThat(frame.hasPendingOffload()).isFalse();
        int length = frame.length() - shape.transport() - 4;
        assertThat(InternetChecksum.checksum(InternetChecksum.ipv4PseudoHeader(frame, 18, 6, length)
                        + InternetChecksum.sum(frame, 38, length)))
                .isZero();
        byte[] complete = frame.toByteArray();
        ChecksumCompletion.complete(frame);
        assertThat(frame.toByteArray()).isEqualTo(complete);
        frame.release();
    }

    @Test
    void shouldWriteOnesForZeroOnlyForUdp() {
        Frame frame = partial(60, 34, 6);
        frame.putShort(40, 0xffff); // the sum is 0xffff, its complement 0
        ChecksumCompletion.complete(frame);
        assertThat(frame.getShort(40)).isEqualTo(0xffff);
        frame.offload(Frame.OFFLOAD_CHECKSUM_PARTIAL, 0, 0, 0, 24, 16);
        ChecksumCompletion.complete(frame);
        assertThat(frame.getShort(40)).isZero();
        frame.release();
    }
}
