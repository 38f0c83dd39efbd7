package io.weft.gre;

import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.FrameBatch;
import io.weft.gre.ErspanHeader.Granularity;
import io.weft.port.DescriptorWatch;
import io.weft.port.DropReason;
import io.weft.port.Port;
import io.weft.port.PortCapabilities;
import io.weft.port.PortContext;
import io.weft.port.PortCounters;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.Reading;
import io.weft.tunnel.AddressLiteral;
import io.weft.tunnel.RemoteSpec;
import io.weft.tunnel.TunnelAdvice;
import io.weft.underlay.RawIpSettings;
import io.weft.underlay.SendOutcome;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayErrorListener;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayPeer;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySender;
import io.weft.underlay.UnderlaySocket;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A mirror's output port whose copies are read elsewhere: what is sent by it goes, each frame with a number, as ERSPAN of type
 * II or III over GRE to one address. Nothing is ever received.
 *
 * <p>A frame that does not fit the way is cut, and its header says so, rather than dropped: the headers of what was mirrored
 * are what is looked at most. Type III also says when a frame was sent, and whether a mirror's copy was made of what a port
 * received or of what it sent ({@link Frame#mirrored()}).
 *
 * <p>Threads: as {@link PortDriver} says. Only the port's worker sends, so that frames leave in the order of their numbers.
 */
public final class ErspanPort implements PortDriver, Port, UnderlayErrorListener {
    private static final long LOOK_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long REPORT_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int LONGEST_PACKET = 65_535;
    private static final int IPV4_HEADER_LENGTH = 20; // options are never sent
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int STRAY_MESSAGES = 4;
    private static final int CUT_AT = 8 + 2; // where ERSPAN's T is, behind the GRE header
    private static final int CUT = 0x400;

    private final ErspanSettings settings;
    private final Underlay underlay;
    private final UnderlayPeer remote;
    private final int headerLength;
    private final Frame[] landings = new Frame[STRAY_MESSAGES];
    private final AtomicLong cut = new AtomicLong();
    private final AtomicLong unreached = new AtomicLong();
    private final Runnable look = this::look;
    private PortContext context;
    private UnderlaySocket socket;
    private UnderlayReceiver strays;
    private UnderlaySender sender;
    private DescriptorWatch watch;
    private DropReason[] refusal = new DropReason[0]; // by the frame's place in the batch; null: sent
    private int[] frames; // by the datagram's place in the sender: the frame's in the batch
    private int sequence;
    private long epochNs; // what to add to the context's time for the time since 1970
    private long reportedNs;
    private boolean reported;
    private boolean closed;
    private volatile int pathMtu; // 0: not known

    ErspanPort(ErspanSettings settings, Underlay underlay) {
        this.settings = settings;
        this.underlay = underlay;
        remote = UnderlayPeer.of(settings.remote(), 0);
        headerLength = settings.headerLength();
    }

    /** Begins a port with this name. */
    public static ErspanBuilder builder(String name) {
        return new ErspanBuilder(name);
    }

    @Override
    public String name() {
        return settings.name();
    }

    /** Any length, since what does not fit is cut; and finished frames only, since nobody behind it would finish them. */
    @Override
    public PortCapabilities capabilities() {
        return PortCapabilities.ofMaxFrameLength(Frame.MAX_LENGTH).withHeadroom(headerLength);
    }

    ErspanSettings settings() {
        return settings;
    }

    // ---- opening and closing ----

    @Override
    public void open(PortContext newContext) throws PortException {
        context = newContext;
        try {
            socket = underlay.open(RawIpSettings.of(settings.ipv6(), RawIpSettings.GRE)
                    .bindTo(settings.local())
                    .in(settings.netns(), settings.networkInterface())
                    .buffers(0, settings.sendBuffer())
                    .header(settings.ttl(), settings.tos(), settings.dontFragment()));
            socket.receiveFrom(List.of());
            pathMtu = socket.pathMtu(remote);
        } catch (UnderlayException e) {
            throw TunnelAdvice.notReached(
                    settings.tunnel(), new RemoteSpec(AddressLiteral.format(settings.remote())), e);
        }
        strays = socket.receiver();
        sender = socket.newSender();
        frames = new int[sender.capacity()];
        if (socket.descriptor() >= 0) {
            watch = context.watch(socket.descriptor());
        } else {
            socket.onReadable(context::wakeup);
        }
        socket.notes().forEach(context::report);
        setClock();
        context.addPort(this);
        context.schedule(LOOK_INTERVAL_NS, look);
    }

    /** Once a second: the way's MTU may have grown, and the wall clock may have been set. */
    private void look() {
        if (!closed) {
            askPathMtu();
            setClock();
            context.schedule(LOOK_INTERVAL_NS, look);
        }
    }

    private void setClock() {
        if (settings.granularity() == Granularity.NANOSECONDS) {
            Instant now = Instant.now();
            epochNs = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - context.nanoTime();
        }
    }

    private void askPathMtu() {
        try {
            pathMtu = socket.pathMtu(remote);
        } catch (UnderlayException e) {
            pathMtu = 0; // each frame is refused, which is counted
        }
    }

    @Override
    public void close() {
        closed = true;
        if (watch != null) {
            watch.close();
        }
        if (socket != null) {
            socket.close();
        }
    }

    // ---- sending ----

    @Override
    public void transmit(FrameBatch batch, PortCounters counters) {
        int count = batch.size();
        if (refusal.length < count) {
            refusal = new DropReason[count];
        }
        int longest = longestFrame();
        for (int i = 0; i < count; i++) {
            encapsulate(batch.get(i), longest);
            add(batch, i);
        }
        flush(batch);
        settle(batch, counters);
    }

    private void encapsulate(Frame frame, int wayLongest) {
        int longest = wayLongest;
        if (settings.mtu() > 0) {
            longest = Math.min(longest, settings.mtu() + linkHeaderLength(frame));
        }
        boolean tooLong = frame.length() > longest;
        if (tooLong) {
            frame.length(longest);
            cut.getAndIncrement();
        }
        if (settings.version() == 1) {
            ErspanHeader.prepend2(frame, settings.sessionId(), settings.index(), tooLong);
            GreHeader.prepend(frame, ErspanHeader.TYPE_2, 0, GreHeader.NONE, nextSequence());
            return;
        }
        boolean egress = settings.direction() == ErspanSettings.AS_MIRRORED
                ? frame.mirrored() == Frame.MIRRORED_SENT
                : settings.direction() == 1;
        ErspanHeader.prepend3(
                frame,
                settings.sessionId(),
                settings.hardwareId(),
                egress,
                tooLong,
                settings.granularity(),
                epochNs + context.nanoTime());
        GreHeader.prepend(frame, ErspanHeader.TYPE_3, 0, GreHeader.NONE, nextSequence());
    }

    private long nextSequence() {
        return sequence++ & 0xffff_ffffL;
    }

    private static int linkHeaderLength(Frame frame) {
        boolean tagged = frame.length() >= Ethernet.VLAN_HEADER_LENGTH && Ethernet.isTag(Ethernet.type(frame));
        return tagged ? Ethernet.VLAN_HEADER_LENGTH : Ethernet.HEADER_LENGTH;
    }

    /** Bytes of the longest frame that fits now; without DF, what any IP packet has room for. */
    private int longestFrame() {
        int mtu = pathMtu;
        int longest = settings.dontFragment() && mtu > 0 ? mtu : LONGEST_PACKET;
        int outer = settings.ipv6() ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH;
        return Math.max(Ethernet.HEADER_LENGTH, longest - outer - headerLength);
    }

    private void add(FrameBatch batch, int index) {
        if (sender.size() == sender.capacity()) {
            flush(batch);
        }
        frames[sender.size()] = index;
        sender.add(batch.get(index), remote, -1);
    }

    private void flush(FrameBatch batch) {
        if (sender.size() > 0 && send()) {
            askPathMtu();
            cutTooLong(batch);
            if (sender.size() > 0) {
                send();
                sender.clear();
            }
        } else {
            sender.clear();
        }
    }

    /** Sends what was added; returns whether something was too long. */
    private boolean send() {
        boolean tooLong = false;
        sender.flush();
        for (int i = 0; i < sender.size(); i++) {
            SendOutcome outcome = sender.outcome(i);
            refusal[frames[i]] = reason(outcome);
            tooLong |= outcome == SendOutcome.TOO_LONG;
        }
        return tooLong;
    }

    /** The way has become narrower: what no longer fits is cut, and added once more. */
    private void cutTooLong(FrameBatch batch) {
        int longest = headerLength + longestFrame();
        int count = sender.size();
        sender.clear();
        for (int i = 0; i < count; i++) {
            Frame frame = batch.get(frames[i]);
            if (refusal[frames[i]] == DropReason.TOO_LONG && frame.length() > longest) {
                frame.length(longest);
                if ((frame.getShort(CUT_AT) & CUT) == 0) {
                    frame.putShort(CUT_AT, frame.getShort(CUT_AT) | CUT);
                    cut.getAndIncrement();
                }
                frames[sender.size()] = frames[i];
                sender.add(frame, remote, -1);
            }
        }
    }

    private static DropReason reason(SendOutcome outcome) {
        return switch (outcome) {
            case SENT -> null;
            case TOO_LONG -> DropReason.TOO_LONG;
            case QUEUE_FULL -> DropReason.TX_QUEUE_FULL;
            case UNREACHABLE -> DropReason.REMOTE_DOWN;
            case FAILED -> DropReason.TX_ERROR;
        };
    }

    private void settle(FrameBatch batch, PortCounters counters) {
        int sent = 0;
        long bytes = 0;
        for (int i = 0; i < batch.size(); i++) {
            Frame frame = batch.get(i);
            if (refusal[i] == null) {
                sent++;
                bytes += frame.length() - headerLength;
            } else {
                counters.dropped(refusal[i]);
            }
            frame.release();
        }
        counters.transmitted(sent, bytes);
        batch.clear();
    }

    // ---- what comes back ----

    @Override
    public int poll(FrameBatch into, int limit) {
        if (watch == null || watch.takeReady()) {
            socket.readErrors(this);
            discardStrays();
        }
        return 0;
    }

    /** A socket that cannot keep others' GRE away gets it: it has to be read, or the descriptor stays ready. */
    private void discardStrays() {
        int count = 0;
        while (count < landings.length && (landings[count] = context.pool().allocate(Frame.MAX_LENGTH)) != null) {
            count++;
        }
        if (count > 0 && strays.receive(landings, count) == count) {
            context.wakeup(); // there may be more
        }
        for (int i = count - 1; i >= 0; i--) {
            landings[i].release();
            landings[i] = null;
        }
    }

    private boolean isRemote(long high, long low) {
        return high == remote.high() && low == remote.low();
    }

    @Override
    public void unreachable(long high, long low, int port, boolean refused) {
        if (!isRemote(high, low)) {
            return;
        }
        unreached.getAndIncrement();
        long nowNs = context.nanoTime();
        if (!refused && (!reported || nowNs - reportedNs >= REPORT_INTERVAL_NS)) {
            reported = true;
            reportedNs = nowNs;
            context.report("remote_ip " + remote.address() + " is not reached");
        }
    }

    @Override
    public void tooBig(long high, long low, int port, int mtu) {
        if (isRemote(high, low)) {
            askPathMtu();
        }
    }

    @Override
    public List<Reading> readings() {
        Map<String, String> labels = Map.of("port", name());
        return List.of(
                new Reading("erspan_cut_frames", true, "Frames cut because the way has no room.", labels, cut.get()),
                new Reading(
                        "erspan_unreachable",
                        true,
                        "Datagrams that ICMP says did not reach who reads the copies, or that nobody reads there.",
                        labels,
                        unreached.get()),
                new Reading(
                        "erspan_longest_frame_bytes",
                        false,
                        "Longest frame that is sent whole.",
                        labels,
                        longestFrame()));
    }

    @Override
    public String toString() {
        return "erspan " + name() + " to " + remote.address();
    }
}
