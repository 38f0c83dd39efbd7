package io.weft.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.underlay.UnderlayException.Kind;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link MemoryNetwork} has beyond a socket's contract: its knobs. */
class MemoryNetworkTest {
    private static final int PORT = 4789;

    private final MemoryNetwork network = new MemoryNetwork();
    private final FramePool pool = new FramePool(4096, 64);
    private final List<String> told = new ArrayList<>();
    private InetAddress oneAddress;
    private InetAddress otherAddress;
    private MemoryHost oneHost;
    private MemoryHost otherHost;
    private MemorySocket one;
    private MemorySocket other;
    private UnderlayPeer toOther;

    private final UnderlayErrorListener listener = new UnderlayErrorListener() {
        @Override
        public void unreachable(long high, long low, int port, boolean refused) {
            told.add(new UnderlayPeer(high, low, 0, port) + (refused ? " refused" : " unreachable"));
        }

        @Override
        public void tooBig(long high, long low, int port, int mtu) {
            told.add(new UnderlayPeer(high, low, 0, port) + " mtu " + mtu);
        }
    };

    @BeforeEach
    void openSockets() throws Exception {
        oneAddress = InetAddress.getByName("192.0.2.1");
        otherAddress = InetAddress.getByName("192.0.2.2");
        oneHost = network.host(oneAddress);
        otherHost = network.host(otherAddress);
        one = oneHost.open(UdpSettings.ipv4().bindTo(null, PORT));
        other = otherHost.open(UdpSettings.ipv4().bindTo(null, PORT));
        toOther = UnderlayPeer.of(otherAddress, PORT);
    }

    @Test
    void shouldLoseDuplicateAndReorderAsTheSeedSays() {
        network.impair(42, 0.2, 0.1, 0.2);
        send(one, 500, 10);
        network.deliverHeld();
        List<Integer> first = receive(other);
        assertThat(first).hasSize((int) (500 - network.lost() + network.duplicated()));
        assertThat(network.lost()).isBetween(50L, 150L);
        assertThat(network.duplicated()).isBetween(10L, 90L);
        assertThat(network.reordered()).isBetween(40L, 150L);
        assertThat(first).isNotEqualTo(first.stream().sorted().toList());

        network.impair(42, 0.2, 0.1, 0.2);
        send(one, 500, 10);
        network.deliverHeld();
        assertThat(receive(other)).isEqualTo(first);
    }

    @Test
    void shouldDeliverWhatIsHeldBackWhenSomethingOvertakesIt() {
        network.impair(1, 0, 0, 1);
        send(one, 1, 10);
        assertThat(receive(other)).isEmpty();
        network.impair(1, 0, 0, 0);
        Frame frame = frame(10, 7);
        UnderlaySender sender = one.newSender();
        sender.add(frame, toOther, -1);
        sender.flush();
        assertThat(receive(other)).containsExactly(7, 0);
    }

    @Test
    void shouldRefuseWhatIsLongerThanThePath() throws Exception {
        network.pathMtu(oneAddress, otherAddress, 1400);
        assertThat(one.pathMtu(toOther)).isEqualTo(1400);
        assertThat(send(one, 1, 1372)).containsExactly(SendOutcome.SENT);
        assertThat(send(one, 1, 1373)).containsExactly(SendOutcome.TOO_LONG);
        one.readErrors(listener);
        assertThat(told).containsExactly("192.0.2.2:4789 mtu 1400");
        assertThat(receive(other)).hasSize(1);
    }

    @Test
    void shouldLearnARoutersMtuFromItsAnswer() throws Exception {
        network.routerMtu(oneAddress, otherAddress, 1280);
        assertThat(one.pathMtu(toOther)).isEqualTo(1500);
        assertThat(send(one, 1, 1400)).containsExactly(SendOutcome.SENT);
        assertThat(receive(other)).isEmpty();
        one.readErrors(listener);
        assertThat(told).containsExactly("192.0.2.2:4789 mtu 1280");
        assertThat(one.pathMtu(toOther)).isEqualTo(1280);
        assertThat(send(one, 1, 1400)).containsExactly(SendOutcome.TOO_LONG);
    }

    @Test
    void shouldBeUnreachableWhenHostOrLinkIsDown() {
        otherHost.down(true);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.UNREACHABLE);
        assertThatThrownBy(() -> one.pathMtu(toOther))
                .isInstanceOfSatisfying(
                        UnderlayException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_ROUTE));
        otherHost.down(false);
        network.linkDown(oneAddress, otherAddress, true);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.UNREACHABLE);
        network.linkDown(oneAddress, otherAddress, false);
        network.silence(oneAddress, otherAddress, true);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.SENT);
        assertThat(receive(other)).isEmpty();
        network.silence(oneAddress, otherAddress, false);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.SENT);
        assertThat(receive(other)).hasSize(1);
    }

    @Test
    void shouldTellTheSenderThatNobodyListens() {
        other.close();
        List<String> woken = new ArrayList<>();
        one.onReadable(() -> woken.add("one"));
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.SENT);
        assertThat(woken).containsExactly("one");
        one.readErrors(listener);
        assertThat(told).containsExactly("192.0.2.2:4789 refused");
        one.readErrors(listener);
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldCountWhatDoesNotFitTheQueue() throws Exception {
        network.queueLimit(10);
        send(one, 15, 100);
        assertThat(receive(other)).hasSize(10);
        assertThat(other.receiver().takeOverflow()).isEqualTo(5);
        assertThat(other.receiver().takeOverflow()).isZero();
        other.close();
        other = otherHost.open(UdpSettings.ipv4().bindTo(null, PORT).buffers(350, 0));
        send(one, 5, 100);
        assertThat(receive(other)).hasSize(3);
        assertThat(network.overflowed()).isEqualTo(7);
    }

    @Test
    void shouldRunTheTaskOncePerEmptyReceive() {
        List<String> woken = new ArrayList<>();
        other.onReadable(() -> woken.add("other"));
        send(one, 3, 10);
        send(one, 3, 10);
        assertThat(woken).hasSize(1);
        receive(other);
        send(one, 3, 10);
        assertThat(woken).hasSize(2);
    }

    @Test
    void shouldShowObserversWhatIsSentAndDeliverWhatIsInjected() {
        List<String> seen = new ArrayList<>();
        network.observe(datagram -> seen.add(datagram.toString()));
        send(one, 1, 10);
        receive(other);
        UnderlayPeer stranger = UnderlayPeer.ofIpv4(0xc6336401, 99);
        network.injectMessage(new byte[100], 50, stranger, toOther);
        assertThat(seen)
                .containsExactly(
                        "10 bytes from 192.0.2.1:4789 to 192.0.2.2:4789",
                        "100 bytes from 198.51.100.1:99 to 192.0.2.2:4789");
        Frame[] landings = {pool.allocate(Frame.MAX_LENGTH)};
        assertThat(other.receiver().receive(landings, 1)).isEqualTo(1);
        assertThat(other.receiver().length(0)).isEqualTo(100);
        assertThat(other.receiver().segmentSize(0)).isEqualTo(50);
        assertThat(other.receiver().sourceLow(0)).isEqualTo(stranger.low());
        assertThat(other.receiver().sourcePort(0)).isEqualTo(99);
    }

    @Test
    void shouldRunOutOfRoomToSend() {
        oneHost.sendRoom(2);
        assertThat(send(one, 3, 10)).containsExactly(SendOutcome.SENT, SendOutcome.SENT, SendOutcome.QUEUE_FULL);
        oneHost.sendRoom(-1);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.SENT);
    }

    @Test
    void shouldReachAHostAtItsNewAddress() throws Exception {
        InetAddress moved = InetAddress.getByName("192.0.2.3");
        otherHost.addresses(moved);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.UNREACHABLE);
        toOther = UnderlayPeer.of(moved, PORT);
        assertThat(send(one, 1, 10)).containsExactly(SendOutcome.SENT);
        assertThat(receive(other)).hasSize(1);
    }

    private Frame frame(int length, int number) {
        Frame frame = pool.allocate(length);
        frame.putInt(0, number);
        return frame;
    }

    private List<SendOutcome> send(UnderlaySocket from, int count, int length) {
        UnderlaySender sender = from.newSender();
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Frame frame = frame(length, i);
            frames.add(frame);
            sender.add(frame, toOther, -1);
        }
        sender.flush();
        frames.forEach(Frame::release);
        List<SendOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outcomes.add(sender.outcome(i));
        }
        return outcomes;
    }

    /** The numbers of the datagrams that wait. */
    private List<Integer> receive(UnderlaySocket at) {
        Frame[] landings = {pool.allocate(Frame.MAX_LENGTH)};
        List<Integer> numbers = new ArrayList<>();
        UnderlayReceiver receiver = at.receiver();
        while (receiver.receive(landings, 1) == 1) {
            int step = receiver.segmentSize(0) == 0 ? receiver.length(0) : receiver.segmentSize(0);
            for (int offset = 0; offset < receiver.length(0); offset += step) {
                numbers.add(landings[0].getInt(offset));
            }
        }
        landings[0].release();
        return numbers;
    }
}
