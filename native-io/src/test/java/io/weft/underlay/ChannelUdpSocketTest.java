package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a socket of the JDK's own cannot do, and how it says so. */
class ChannelUdpSocketTest {
    private static final String WHY = "no native calls on this test's machine";

    @Test
    void shouldSayFirstWhyItIsNotNative() throws Exception {
        assertThat(notes(UdpSettings.ipv4()).get(0)).endsWith(WHY).contains("one by one");
    }

    @Test
    void shouldNoteWhatItDoesOtherwise() throws Exception {
        UdpSettings plain = UdpSettings.ipv4().header(64, 0, false).buffers(8192, 8192);
        assertThat(notes(plain)).hasSize(1);
        assertThat(notes(plain.header(17, 0, false))).last().asString().startsWith("ttl 17 is used for groups only");
        assertThat(notes(plain.checksums(false, false))).last().asString().contains("with UDP checksums");
        assertThat(notes(plain.buffers(1 << 30, 8192)))
                .last()
                .asString()
                .contains("a receive buffer of ")
                .contains("where 1048576 KiB was asked for")
                .contains("rmem_max");
        UdpSettings ipv6 = UdpSettings.ipv6Only().header(64, 0, false).buffers(8192, 8192);
        assertThat(notes(ipv6)).hasSize(2).last().asString().contains("taken for IPv4 as well");
        UdpSettings bound = ipv6.bindTo(InetAddress.getByName("::1"), 0);
        assertThat(notes(bound)).hasSize(1);
        assertThat(notes(bound.checksums(true, true))).last().asString().contains("without a checksum");
    }

    @Test
    void shouldForbidFragmentsOrNoteThatItCannot() throws Exception {
        UdpSettings settings = UdpSettings.ipv4().buffers(8192, 8192).header(64, 0, true);
        List<String> notes = notes(settings);
        if (Runtime.version().feature() >= 19) {
            assertThat(notes).hasSize(1);
        } else {
            assertThat(notes).last().asString().contains("are fragmented").contains("JDK 19");
        }
    }

    @Test
    void shouldRefuseWhatIsLongerThanThePathWhereItForbidsFragments() throws Exception {
        try (ChannelUdpSocket socket =
                ChannelUdpSocket.open(UdpSettings.ipv6Only().bindTo(InetAddress.getByName("::1"), 0), WHY)) {
            int length = 65_500; // with its headers longer than the loopback interface's 65,536
            assertThat(sendToItself(socket, length))
                    .isEqualTo(Runtime.version().feature() >= 19 ? SendOutcome.TOO_LONG : SendOutcome.SENT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    @EnabledOnOs(OS.LINUX)
    void shouldSendWithTheTrafficClassThatANativeSocketReads(String address) throws Exception {
        InetAddress local = InetAddress.getByName(address);
        UdpSettings settings = (local.getAddress().length == 16 ? UdpSettings.ipv6Only() : UdpSettings.ipv4())
                .bindTo(local, 0)
                .header(64, 0x28, true)
                .coalescing(false);
        FramePool pool = new FramePool(8, 8);
        try (ChannelUdpSocket socket = ChannelUdpSocket.open(settings, WHY);
                UnderlaySocket reader = NativeUdpSocket.open(settings)) {
            UnderlaySender sender = socket.newSender();
            int[] classes = {-1, 0xb8, 3, 0xff, -1};
            for (int wanted : classes) {
                UnderlayPeer to = UnderlayPeer.of(local, reader.local().getPort());
                sender.add(pool.allocate(10), to, wanted);
            }
            sender.flush();
            Frame[] landings = new Frame[classes.length];
            Arrays.setAll(landings, i -> pool.allocate(Frame.MAX_LENGTH));
            UnderlayReceiver receiver = reader.receiver();
            assertThat(receiver.receive(landings, landings.length)).isEqualTo(classes.length);
            int[] told = new int[classes.length];
            Arrays.setAll(told, receiver::trafficClass);
            assertThat(told).containsExactly(0x28, 0xb8, 3, 0xff, 0x28);
        }
    }

    @Test
    void shouldRefuseWhatNeedsNativeCallsByName() {
        assertThatThrownBy(() -> ChannelUdpSocket.open(UdpSettings.ipv4().in("blue", null), WHY))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
                .hasMessage("network namespace blue needs native calls: " + WHY);
        assertThatThrownBy(() -> ChannelUdpSocket.open(UdpSettings.ipv4().in(null, "eth7"), WHY))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
                .hasMessage("a socket for network interface eth7 only needs native calls: " + WHY);
    }

    @Test
    void shouldEndItsThreadWhenClosed() throws Exception {
        ChannelUdpSocket socket = ChannelUdpSocket.open(loopback(), WHY);
        socket.onReadable(() -> {});
        Thread thread = threadOf(socket);
        assertThat(thread.isDaemon()).isTrue();
        socket.close();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void shouldBeClosedByItsOwnTask() throws Exception {
        ChannelUdpSocket socket = ChannelUdpSocket.open(loopback(), WHY);
        Semaphore closed = new Semaphore(0);
        socket.onReadable(() -> {
            socket.close();
            closed.release();
        });
        Thread thread = threadOf(socket);
        sendToItself(socket, 10);
        assertThat(closed.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
        try (ChannelUdpSocket again = ChannelUdpSocket.open(
                loopback().bindTo(socket.local().getAddress(), socket.local().getPort()), WHY)) {
            assertThat(again.local()).isEqualTo(socket.local());
        }
    }

    @Test
    void shouldSayThatItIsClosedAndNotThrow() throws Exception {
        ChannelUdpSocket socket = ChannelUdpSocket.open(loopback(), WHY);
        socket.close();
        assertThat(sendToItself(socket, 10)).isEqualTo(SendOutcome.FAILED);
        Frame[] landings = {new FramePool(1, 8).allocate(Frame.MAX_LENGTH)};
        assertThat(socket.receiver().receive(landings, 1)).isZero();
        assertThat(socket.receiver().failure()).isEqualTo(9); // EBADF
    }

    private static SendOutcome sendToItself(ChannelUdpSocket socket, int length) {
        UnderlaySender sender = socket.newSender();
        Frame frame = new FramePool(1, 8).allocate(length);
        sender.add(
                frame,
                UnderlayPeer.of(socket.local().getAddress(), socket.local().getPort()),
                -1);
        sender.flush();
        return sender.outcome(0);
    }

    private static Thread threadOf(ChannelUdpSocket socket) {
        String name = "weft-udp-" + socket.local().getPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static UdpSettings loopback() throws Exception {
        return UdpSettings.ipv4().bindTo(InetAddress.getByName("127.0.0.1"), 0);
    }

    private static List<String> notes(UdpSettings settings) throws UnderlayException {
        try (ChannelUdpSocket socket = ChannelUdpSocket.open(settings, WHY)) {
            return socket.notes();
        }
    }
}
