package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.PortHandle;

/**
 * An existing network interface as a port through libpcap: the way that works on every system libpcap knows, and the slow
 * one, with a thread and several copies in between. On Linux, {@code packet:} is the fast one.
 *
 * <p>What the interface receives comes into the switch, VLAN tags included, also what is addressed to others unless
 * promiscuous mode is off; what the switch sends goes out. The host's own traffic through the interface goes past the
 * switch. An interface that is administratively down goes on being a port, as a TAP does; one that goes away takes the
 * port down until one of its name is back.
 *
 * <p>Offloads: libpcap does not say which checksums are still to be made, nor into what a super-frame is to be cut. So what
 * is longer than the interface's MTU allows is dropped as {@link DropReason#RX_TOO_LONG}, reported once; a partial checksum
 * (of a veth whose other end leaves it to be made) cannot be seen and is passed on as it is. Turn offloads off with
 * {@code ethtool -K IF gro off lro off tx off tso off gso off}, at a veth on both ends.
 *
 * <p>Threads: as {@link PortDriver} says, and one of its own that receives.
 */
public final class PcapPort implements PortDriver, Port {
    // What the host may send out of the interface can change at any time; what is too long then is the system's to
    // refuse.
    private static final PortCapabilities CAPABILITIES = PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH);

    private final PcapSettings settings;
    private final PcapInterface.Opener opener;
    private final byte[] scratch = new byte[Frame.MAX_LENGTH]; // the owner's
    private PcapReceiver receiver;

    PcapPort(PcapSettings settings) {
        this(settings, PcapPort::openLibpcap);
    }

    /** With something else than libpcap: for tests. */
    PcapPort(PcapSettings settings, PcapInterface.Opener opener) {
        this.settings = settings;
        this.opener = opener;
    }

    /** Begins a port for the interface called {@code interfaceName}. */
    public static PcapBuilder builder(String interfaceName) {
        return new PcapBuilder(interfaceName);
    }

    private static PcapInterface openLibpcap(String name, boolean promiscuous) throws PortException {
        try {
            return PcapHandleInterface.open(name, promiscuous);
        } catch (LinkageError e) {
            throw PcapAdvice.notLinked(name, e);
        }
    }

    PcapSettings settings() {
        return settings;
    }

    @Override
    public String name() {
        return settings.name();
    }

    @Override
    public PortCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public void open(PortContext context) throws PortException {
        PcapInterface opened = opener.open(settings.interfaceName(), settings.promiscuous());
        try {
            PortHandle handle = context.addPort(this);
            if (!opened.warning().isEmpty()) {
                context.report(settings.interfaceName() + ": " + opened.warning());
            }
            receiver = new PcapReceiver(settings, opener, opened, context, handle);
        } finally {
            if (receiver == null) {
                opened.close();
            }
        }
        receiver.start();
    }

    @Override
    public int poll(FrameBatch into, int limit) {
        return 0; // everything comes in through the inbox
    }

    @Override
    public void transmit(FrameBatch frames, PortCounters counters) {
        PcapInterface current = receiver.current();
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            int length = frame.length();
            String refusal = "down";
            if (current != null) {
                frame.getBytes(0, scratch, 0, length);
                refusal = current.send(scratch, length);
            }
            if (refusal == null) {
                counters.transmitted(length);
            } else {
                counters.dropped(reason(refusal));
            }
        }
        frames.release();
    }

    /** libpcap gives no errno, only text: what it says in English, and anything else, is told apart. */
    private static DropReason reason(String refusal) {
        if (refusal.contains("Message too long")) {
            return DropReason.TOO_LONG;
        }
        if (refusal.contains("No buffer space") || refusal.contains("temporarily unavailable")) {
            return DropReason.TX_QUEUE_FULL;
        }
        return refusal.contains("down") || refusal.contains("No such device") || refusal.contains("Not open")
                ? DropReason.PORT_DOWN
                : DropReason.TX_ERROR;
    }

    @Override
    public void close() {
        if (receiver != null) {
            receiver.close();
        }
    }

    @Override
    public String toString() {
        return "pcap:" + settings.interfaceName();
    }
}
