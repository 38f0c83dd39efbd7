package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.nativeio.Errno;
import io.weft.nativeio.LibC;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of which datagrams runs are made, and what becomes of runs that are refused. */
class NativeSenderTest {
    private final FramePool pool = new FramePool();
    private UdpHost receiver;

    @BeforeEach
    void open() throws Exception {
        pool.own();
        receiver = new UdpHost(pool, NativeUdpSocket.open(loopback()));
    }

    @AfterEach
    void close() {
        receiver.close();
        assertThat(pool.inUse()).isZero();
    }

    private static UdpSettings loopback() throws Exception {
        return UdpSettings.ipv4().bindTo(InetAddress.getByName("127.0.0.1"), 0);
    }

    /** Sends datagrams of some lengths and returns of how many each message consisted. */
    private List<Integer> runs(int... lengths) throws Exception {
        List<Integer> runs = new ArrayList<>();
        try (UdpHost sender = new UdpHost(pool, NativeUdpSocket.open(loopback()))) {
            for (int i = 0; i < lengths.length; i++) {
                sender.add(UdpHost.bytes(i, lengths[i]), receiver.peer());
            }
            assertThat(sender.flush()).hasSize(lengths.length).containsOnly(SendOutcome.SENT);
        }
        int datagram = 0;
        for (UdpHost.Message message : receiver.receive(lengths.length)) {
            for (byte[] bytes : message.datagrams()) {
                assertThat(bytes).isEqualTo(UdpHost.bytes(datagram, lengths[datagram]));
                datagram++;
            }
            runs.add(message.datagrams().size());
        }
        return runs;
    }

    private static int[] lengths(int count, int length) {
        int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        return lengths;
    }

    @Test
    void shouldMakeRunsOfWhatTheKernelCanCut() throws Exception {
        assertThat(runs(100, 100, 100)).containsExactly(3);
        assertThat(runs(100, 100, 99, 99, 99)).containsExactly(3, 2);
        assertThat(runs(99, 100, 100, 1)).containsExactly(1, 3);
        assertThat(runs(0, 0, 5, 5, 0, 5)).containsExactly(1, 1, 2, 1, 1);
        assertThat(runs(1, 1, 1, 1)).containsExactly(4);
        assertThat(runs(lengths(130, 10))).containsExactly(64, 64, 2);
        assertThat(runs(lengths(15, 9000))).containsExactly(7, 7, 1);
        assertThat(runs(32_742, 32_742, 32_743, 32_743)).containsExactly(2, 1, 1);
    }

    @Test
    void shouldNotMixPeersOrTrafficClassesInARun() throws Exception {
        try (UdpHost sender = new UdpHost(pool, NativeUdpSocket.open(loopback()));
                UdpHost second = new UdpHost(pool, NativeUdpSocket.open(loopback()))) {
            UnderlayPeer one = receiver.peer();
            UnderlayPeer same = receiver.peer();
            assertThat(one).isNotSameAs(same);
            for (int i = 0; i < 4; i++) {
                sender.add(UdpHost.bytes(i, 50), i % 2 == 0 ? one : same, i < 2 ? 0x20 : 0x40);
            }
            sender.add(UdpHost.bytes(4, 50), second.peer(), 0x40);
            sender.add(UdpHost.bytes(5, 50), receiver.peer(), 0);
            sender.add(UdpHost.bytes(6, 50), receiver.peer(), -1);
            assertThat(sender.flush()).containsOnly(SendOutcome.SENT);
            List<UdpHost.Message> messages = receiver.receive(6);
            assertThat(messages).extracting(UdpHost.Message::trafficClass).containsExactly(0x20, 0x40, 0);
            assertThat(messages).allMatch(message -> message.datagrams().size() == 2);
            assertThat(second.receive(1))
                    .extracting(UdpHost.Message::trafficClass)
                    .containsExactly(0x40);
        }
    }

    /** As an interface that cannot make checksums refuses runs, so does a socket that makes none. */
    @Test
    void shouldSendARefusedRunOneByOneAndTryNoneForAWhile() throws Exception {
        UdpSettings settings = loopback().checksums(false, false);
        SocketDescriptor descriptor = new SocketDescriptor(false, LibC.SOCK_DGRAM, 0);
        try {
            new UdpSetup(descriptor, settings, new IpSetup(descriptor, settings, Set.of(), new ArrayList<>())).apply();
            ErrorQueue errors = new ErrorQueue(descriptor.number(), false);
            NativeSender sender = new NativeSender(descriptor, errors, settings, true);
            for (int round = 0; round < 2; round++) {
                List<Frame> frames = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    Frame frame = pool.allocate(300);
                    frame.putBytes(0, UdpHost.bytes(i, 300), 0, 300);
                    frames.add(frame);
                    sender.add(frame, receiver.peer(), 0x28);
                }
                assertThat(sender.messages()).isEqualTo(round == 0 ? 1 : 20);
                sender.flush();
                for (int i = 0; i < 20; i++) {
                    assertThat(sender.outcome(i)).isEqualTo(SendOutcome.SENT);
                }
                sender.clear();
                frames.forEach(Frame::release);
                List<UdpHost.Message> received = receiver.receive(20);
                for (int i = 0; i < 20; i++) {
                    assertThat(received.get(i).bytes()).isEqualTo(UdpHost.bytes(i, 300));
                    assertThat(received.get(i).trafficClass()).isEqualTo(0x28);
                }
            }
        } finally {
            descriptor.close();
        }
    }

    @Test
    void shouldRefuseAPeerOfTheOtherFamily() throws Exception {
        UnderlayPeer peer = UnderlayPeer.of(InetAddress.getByName("::1"), 4789);
        try (UdpHost sender = new UdpHost(pool, NativeUdpSocket.open(loopback()))) {
            Frame frame = pool.allocate(10);
            assertThatThrownBy(() -> sender.sender().add(frame, peer, -1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("[::1]:4789");
            frame.release();
            assertThat(sender.send(UdpHost.bytes(1, 10), receiver.peer())).isEqualTo(SendOutcome.SENT);
        }
        assertThat(receiver.receive(1).get(0).bytes()).isEqualTo(UdpHost.bytes(1, 10));
    }

    @Test
    void shouldSayWhatErrorsMean() {
        assertThat(SendErrors.outcome(Errno.EMSGSIZE)).isEqualTo(SendOutcome.TOO_LONG);
        for (int full : new int[] {Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM}) {
            assertThat(SendErrors.outcome(full)).isEqualTo(SendOutcome.QUEUE_FULL);
            assertThat(SendErrors.retries(full)).isZero();
        }
        for (int way : new int[] {Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.ECONNREFUSED, Errno.ENETDOWN}) {
            assertThat(SendErrors.outcome(way)).isEqualTo(SendOutcome.UNREACHABLE);
            assertThat(SendErrors.retries(way)).isPositive();
        }
        for (int other : new int[] {Errno.EINVAL, Errno.EPROTO, Errno.EIO, Errno.EPERM, Errno.EBADF, Errno.EINTR}) {
            assertThat(SendErrors.outcome(other)).isEqualTo(SendOutcome.FAILED);
        }
        assertThat(SendErrors.retries(Errno.EPROTO)).isPositive(); // it says nothing about this datagram
        assertThat(SendErrors.retries(Errno.EINVAL)).isZero();
    }
}
