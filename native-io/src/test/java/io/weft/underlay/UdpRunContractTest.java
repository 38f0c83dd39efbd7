package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.frame.Frame;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How every UDP socket moves datagrams of one length that follow each other to one peer. */
abstract class UdpRunContractTest extends UdpContract {
    UdpRunContractTest(UdpImplementation udp) {
        super(udp);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldMoveARunAsOneMessage(boolean ipv6) throws Exception {
        UnderlaySocket one = one(ipv6);
        UnderlaySocket other = other(ipv6);
        byte[][] run = run(10, 1000, 300);
        assertThat(send(one, peer(other), run)).containsOnly(SendOutcome.SENT);
        List<Received> messages = messages(other, 10_300);
        if (udp.isNative()) {
            assertThat(messages).hasSize(1);
            assertThat(messages.get(0).segmentSize()).isEqualTo(1000);
            assertThat(messages.get(0).bytes()).isEqualTo(joined(run));
        } else {
            assertThat(messages.stream().map(Received::bytes)).containsExactly(run);
        }
    }

    @Test
    void shouldReceiveARunOneByOneWhereAskedTo() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other =
                other(settings(false).bindTo(inet(udp.otherAddress(false)), 0).coalescing(false));
        byte[][] run = run(10, 1000, 300);
        send(one, peer(other), run);
        List<Received> messages = messages(other, 10_300);
        assertThat(messages.stream().map(Received::bytes)).containsExactly(run);
        assertThat(messages).allMatch(message -> message.segmentSize() == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendARunWithoutChecksums(boolean ipv6) throws Exception {
        UnderlaySocket one =
                one(settings(ipv6).bindTo(inet(udp.address(ipv6)), 0).checksums(false, false));
        UnderlaySocket other =
                other(settings(ipv6).bindTo(inet(udp.otherAddress(ipv6)), 0).checksums(true, true));
        byte[][] run = run(10, 1000, 300);
        assertThat(send(one, peer(other), run)).containsOnly(SendOutcome.SENT);
        assertThat(payloads(other, 11)).containsExactly(run);
    }

    @Test
    void shouldBeginANewMessageAfterAShorterOneAndForALongerOne() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        byte[][] payloads = {
            payload(1, 1000), payload(2, 1000), payload(3, 500), payload(4, 500), payload(5, 1200), payload(6, 1200),
        };
        send(one, peer(other), payloads);
        assertThat(payloads(other, 6)).containsExactly(payloads);
    }

    /** More than 64 segments, more than 65,507 bytes, and as many as fit: what a kernel does not take as one message. */
    @Test
    void shouldSendLongRunsAsSeveralMessages() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        for (int length : new int[] {20, 1400, 9000}) {
            int count = Math.min(one.newSender().capacity(), 200);
            byte[][] run = run(count, length, 10);
            run = Arrays.copyOf(run, count);
            assertThat(send(one, peer(other), run)).containsOnly(SendOutcome.SENT);
            assertThat(payloads(other, count)).containsExactly(run);
        }
    }

    @Test
    void shouldSendOneFrameToSeveralPeers() throws Exception {
        UnderlaySocket one = one(false);
        List<UnderlaySocket> others = List.of(other(false), other(false), other(false));
        UnderlaySender sender = one.newSender();
        Frame frame = frame(payload(1, 300));
        Frame second = frame(payload(2, 300));
        others.forEach(other -> sender.add(frame, peer(other), -1));
        others.forEach(other -> sender.add(second, peer(other), -1));
        sender.flush();
        assertThat(outcomes(sender)).hasSize(6).containsOnly(SendOutcome.SENT);
        for (UnderlaySocket other : others) {
            assertThat(payloads(other, 2)).containsExactly(payload(1, 300), payload(2, 300));
        }
    }

    @Test
    void shouldSendARunOfOneFrameAddedSeveralTimes() throws Exception {
        UnderlaySocket one = one(false);
        UnderlaySocket other = other(false);
        Frame frame = frame(payload(1, 300));
        UnderlaySender sender = one.newSender();
        for (int i = 0; i < 5; i++) {
            sender.add(frame, peer(other), -1);
        }
        sender.flush();
        assertThat(payloads(other, 5)).hasSize(5).containsOnly(payload(1, 300));
    }

    /** Payloads of one length and a shorter one. */
    private static byte[][] run(int count, int length, int lastLength) {
        byte[][] run = new byte[count + 1][];
        for (int i = 0; i < count; i++) {
            run[i] = payload(i, length);
        }
        run[count] = payload(count, lastLength);
        return run;
    }

    private static byte[] joined(byte[][] run) {
        int length = 0;
        for (byte[] payload : run) {
            length += payload.length;
        }
        byte[] all = new byte[length];
        int offset = 0;
        for (byte[] payload : run) {
            System.arraycopy(payload, 0, all, offset, payload.length);
            offset += payload.length;
        }
        return all;
    }
}
