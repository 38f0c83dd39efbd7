package io.weft.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlowHashTest {
    private final FramePool pool = new FramePool(8, 1);
    private final SuperFrames shape = new SuperFrames();

    private Frame frame() {
        shape.payloadLength = 40;
        return shape.allocate(pool);
    }

    private static void swap(Frame frame, int one, int other, int bytes) {
        for (int i = 0; i < bytes; i++) {
            int kept = frame.getByte(one + i);
            frame.putByte(one + i, frame.getByte(other + i));
            frame.putByte(other + i, kept);
        }
    }

    @ParameterizedTest
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void shouldBeTheSameInBothDirections(boolean ipv6, boolean udp) {
        shape.ipv6 = ipv6;
        shape.udp = udp;
        shape.extensionHeaders = new int[] {0, 60};
        Frame frame = frame();
        int hash = FlowHash.of(frame);
        int address = shape.network() + (ipv6 ? 8 : 12);
        swap(frame, address, address + (ipv6 ? 16 : 4), ipv6 ? 16 : 4);
        assertThat(FlowHash.of(frame)).isNotEqualTo(hash); // only the addresses: another flow
        swap(frame, shape.transport(), shape.transport() + 2, 2);
        assertThat(FlowHash.of(frame)).isEqualTo(hash);
        frame.release();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDependOnAddressesPortsAndProtocolOnly(boolean ipv6) {
        shape.ipv6 = ipv6;
        Frame frame = frame();
        int hash = FlowHash.of(frame);
        int address = shape.network() + (ipv6 ? 8 : 12);
        for (int i = 0; i < frame.length(); i++) {
            boolean field = i >= address && i < shape.transport() + 4 || i == shape.network() + (ipv6 ? 6 : 9);
            boolean layout = i >= 12 && i < shape.network() + 1
                    || !ipv6 && (i == shape.network() + 6 || i == shape.network() + 7);
            if (!layout) {
                frame.putByte(i, frame.getByte(i) ^ 0x40);
                assertThat(FlowHash.of(frame) != hash).as("byte %d", i).isEqualTo(field);
                frame.putByte(i, frame.getByte(i) ^ 0x40);
            }
        }
        Ethernet.pushTag(frame, Ethernet.TPID_CUSTOMER, 5);
        assertThat(FlowHash.of(frame)).isEqualTo(hash);
        frame.release();
    }

    @Test
    void shouldKeepFragmentsTogether() {
        Frame frame = frame();
        int whole = FlowHash.of(frame);
        frame.putShort(shape.network() + 6, 0x2000);
        int first = FlowHash.of(frame);
        frame.putShort(shape.network() + 6, 100);
        frame.putInt(shape.transport(), 0x1234_5678);
        assertThat(FlowHash.of(frame)).isEqualTo(first).isNotEqualTo(whole);
        frame.release();
        shape.ipv6 = true;
        shape.extensionHeaders = new int[] {44};
        frame = frame();
        first = FlowHash.of(frame);
        frame.putShort(shape.network() + 42, 64);
        frame.putInt(shape.transport(), 0x1234_5678);
        assertThat(FlowHash.of(frame)).isEqualTo(first);
        frame.release();
    }

    @Test
    void shouldUseMacAddressesForAllElse() {
        Frame frame = frame();
        frame.putShort(12, 0x0806);
        int hash = FlowHash.of(frame);
        swap(frame, 0, 6, 6);
        assertThat(FlowHash.of(frame)).isEqualTo(hash);
        frame.putByte(5, 0x55);
        assertThat(FlowHash.of(frame)).isNotEqualTo(hash);
        frame.release();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeFramesOfEveryLength(boolean ipv6) {
        shape.ipv6 = ipv6;
        Frame whole = frame();
        byte[] bytes = whole.toByteArray();
        whole.release();
        for (int length = 0; length <= bytes.length; length++) {
            Frame frame = pool.allocate(FramePool.SMALL_LENGTH);
            frame.consume(FramePool.SMALL_LENGTH - length); // a read behind the frame would be one behind the slot
            frame.putBytes(0, bytes, 0, length);
            FlowHash.of(frame);
            frame.release();
        }
        assertThat(pool.inUse()).isZero();
    }

    @Test
    void shouldSpreadFlowsThatDifferInOnePort() {
        Frame frame = frame();
        Set<Integer> hashes = new HashSet<>();
        int[] queues = new int[16];
        for (int port = 0; port < 4_096; port++) {
            frame.putShort(shape.transport(), port);
            int hash = FlowHash.of(frame);
            hashes.add(hash);
            queues[hash & 15]++;
        }
        frame.release();
        assertThat(hashes).hasSizeGreaterThan(4_090);
        assertThat(IntStream.of(queues).min().getAsInt()).isGreaterThan(256 - 7 * 16); // seven standard deviations
    }
}
