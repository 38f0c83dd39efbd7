package io.weft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.port.DropReason;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports with several receive queues in a switch that the test steps: what they share, and how they leave. */
@ExtendWith(ExpectedFailures.class)
class PortQueuesTest {
    static final int NUMBER = 20; // where a frame's number is

    private VirtualSwitch lan;

    private void stepped(int workers) {
        lan = VirtualSwitch.builder().invoker(() -> 0).workers(workers).build();
    }

    private void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    /** A frame from the station of its own that a queue has, with a number. */
    static byte[] frame(int queue, int number) {
        byte[] frame = SteppedLan.frame(SteppedLan.B, "02:00:00:00:01:0" + queue);
        ByteBuffer.wrap(frame).putInt(NUMBER, number);
        return frame;
    }

    @AfterEach
    void assertBooksBalance() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @Test
    void shouldForwardWhatEveryQueueReceivesAsThePorts() throws Exception {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 3);
        MemoryPort other = new MemoryPort("other");
        lan.add(port);
        lan.add(other);
        for (int queue = 0; queue < 3; queue++) {
            port.send(queue, frame(queue, 1));
        }
        settle();
        for (int i = 0; i < 3; i++) {
            assertThat(other.receive()).isNotNull();
        }
        assertThat(port.transmitted).as("nothing comes back to the port").hasValue(0);
        assertThat(lan.ports().get(0).statistics().rxFrames()).isEqualTo(3);
        assertThat(lan.fdb().stations()).hasSize(3).allMatch(station -> station.port()
                .equals("many"));
        other.send(SteppedLan.frame("02:00:00:00:01:02", SteppedLan.B));
        settle();
        assertThat(port.transmitted).hasValue(1);
    }

    @Test
    void shouldTakeFramesFromThePoolOfEachQueuesWorkerAndCountWhatIsDroppedThere() throws Exception {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 2);
        lan.add(port);
        assertThat(port.queues.get(0).context.pool())
                .isNotSameAs(port.queues.get(1).context.pool());
        var pool = port.queues.get(1).context.pool();
        List<Frame> held = new ArrayList<>();
        for (var frame = pool.allocate(60); frame != null; frame = pool.allocate(60)) {
            held.add(frame);
        }
        port.send(0, frame(0, 1));
        port.send(1, frame(1, 1));
        settle();
        held.forEach(Frame::release);
        assertThat(lan.ports().get(0).statistics().rxFrames()).isEqualTo(2);
        assertThat(lan.ports().get(0).statistics().dropped(DropReason.POOL_EMPTY))
                .isEqualTo(1);
    }

    @Test
    void shouldPollNoQueueWhoseDriverHasLeft() throws Exception {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 2);
        AttachedDriver attached = lan.add(port);
        settle();
        attached.close();
        port.queues.forEach(queue -> queue.polledBy.clear());
        port.send(0, frame(0, 1));
        port.send(1, frame(1, 1));
        settle();
        assertThat(port.left()).isEqualTo(2);
        assertThat(port.queues).allMatch(queue -> queue.polledBy.isEmpty());
        assertThat(lan.statistics().rxFrames()).isZero();
    }

    @Test
    void shouldTakeTheDriverOutWhenAQueueThrows() throws Exception {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 3);
        MemoryPort a = new MemoryPort("a");
        MemoryPort b = new MemoryPort("b");
        lan.add(port);
        lan.add(a);
        lan.add(b);
        port.queues.get(2).onPoll = () -> {
            throw new IllegalStateException("unexpected");
        };
        port.send(2, frame(2, 1));
        settle();
        assertThat(lan.ports()).extracting("name").containsExactly("a", "b");
        assertThat(port.ends)
                .containsOnlyOnce("close 1", "close 2")
                .hasSize(4)
                .startsWith("detached")
                .endsWith("close 0");
        a.send(SteppedLan.frame(SteppedLan.BROADCAST, SteppedLan.A));
        settle();
        assertThat(b.receive()).isNotNull();
    }

    @Test
    void shouldCloseEverythingWhenAQueueCannotBeOpened() {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 3);
        port.queues.get(1).refusal = new PortException("no second queue");
        assertThatThrownBy(() -> lan.add(port))
                .isInstanceOf(PortException.class)
                .hasMessage("no second queue");
        assertThat(port.ends).containsExactly("detached", "close 1", "close 0");
        assertThat(port.queues).allMatch(queue -> queue.polledBy.isEmpty());
        assertThat(lan.ports()).isEmpty();
    }

    @Test
    void shouldRefuseSeveralQueuesForAPortThatOnlyItsOwnerSendsBy() {
        stepped(2);
        for (boolean portFirst : new boolean[] {true, false}) {
            QueuedPort port = new QueuedPort("many", 2).withoutConcurrentTransmit();
            assertThatThrownBy(() -> lan.add(portFirst ? port : port.queuesFirst()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port 'many' has concurrentTransmit=false")
                    .hasMessageContaining("accepted for a driver with several queues: true");
            assertThat(port.ends).contains("close 0");
            assertThat(lan.ports()).isEmpty();
        }
    }

    @Test
    void shouldRefuseAQueueThatComesLateOrFromAQueue() throws Exception {
        stepped(2);
        QueuedPort port = new QueuedPort("many", 2).queuesFirst();
        AttachedDriver attached = lan.add(port);
        QueuedPort.RxQueue another = new QueuedPort("other", 1).queues.get(0);
        assertThatThrownBy(() -> port.queues.get(0).context.addQueue(another))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("its driver has been opened");
        assertThatThrownBy(() -> port.queues.get(1).context.addQueue(another))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("queue 1 of many cannot add a queue");
        assertThatThrownBy(() -> port.queues.get(1).context.addPort(new MemoryPort("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("queue 1 of many cannot add a port");
        assertThat(another.context).isNull();
        attached.close();
        assertThat(lan.ports()).isEmpty();
    }
}
