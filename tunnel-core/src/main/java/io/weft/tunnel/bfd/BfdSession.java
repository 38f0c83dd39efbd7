package io.weft.tunnel.bfd;

import io.weft.frame.Frame;
import java.util.SplittableRandom;

/**
 * One end of a BFD session in asynchronous mode and the active role (RFC 5880), without I/O, clock or thread. Who owns it
 * <ul>
 *   <li>calls {@link #poll} at {@link #nextDueNs} or soon after, and whenever it has handed over a packet; when that says so,
 *       sends what {@link #write} makes;
 *   <li>hands over what it receives for this session, by {@link #onFrame} or {@link #onPacket}.
 * </ul>
 * Which session a packet is for is decided by the tunnel and remote it came from, as Open vSwitch does; a packet that carries
 * another discriminator than ours is refused.
 *
 * <p>Beyond what goes out periodically, a packet is sent at once when its state or intervals differ from what was sent last, or
 * to answer a Poll (6.8.7); not closer than 10 ms to the one before, so that whoever asks a lot gets less. No
 * periodic packets are sent to a remote end that wants none (required min RX 0, or demand mode).
 *
 * <p>Times are nanoseconds of any one monotonic clock.
 *
 * <p>Threads: confined to one worker; {@link #state}, {@link #isForwarding} and {@link #status} may be called by any thread.
 * {@link #poll}, {@link #write}, {@link #onFrame} and {@link #onPacket} allocate nothing and do not throw for anything that
 * was received.
 */
public final class BfdSession {
    /** Least time between two packets of which the second is out of turn. */
    static final long SPACING_NS = 10_000_000;

    /** Desired min TX of a session that is not up, at least (6.8.3). */
    private static final long SLOW_US = 1_000_000;

    private final SplittableRandom random;
    private final BfdListener listener;
    private final int discriminator;
    private final BfdFigures figures = new BfdFigures();

    private BfdSettings settings;
    private volatile BfdState state = BfdState.DOWN;
    private volatile BfdDiagnostic diagnostic = BfdDiagnostic.NONE;

    // What the remote end said, with the values of a remote end that has said nothing (6.8.1).
    private volatile BfdState remoteState = BfdState.DOWN;
    private volatile BfdDiagnostic remoteDiagnostic = BfdDiagnostic.NONE;
    private int remoteDiscriminator;
    private int remoteMultiplier;
    private long remoteMinTransmitUs;
    private long remoteMinReceiveUs = 1;
    private boolean remoteDemand;
    private boolean heard; // within the detection time
    private long heardNs;

    // Our intervals as our packets say them, and as they are in force: some changes wait for the end of a Poll (6.8.3).
    private long advertisedTransmitUs;
    private long advertisedReceiveUs;
    private long transmitUs;
    private long receiveUs;
    private boolean polling;

    private boolean finalDue;
    private boolean news; // a packet would say something else than the last one
    private int nextFlags;
    private long sentNs; // when the last packet was sent
    private long periodicNs; // when the next one is due, unless it is out of turn

    /**
     * A session that is down, and sends its first packet within a quarter of a second.
     *
     * @param discriminator our number for the session, not 0 and not another session's (6.8.1): {@link #drawDiscriminator}
     * @param random for jitter; of this session's worker alone
     */
    public BfdSession(
            BfdSettings settings, int discriminator, SplittableRandom random, long nowNs, BfdListener listener) {
        if (discriminator == 0) {
            throw new IllegalArgumentException("the discriminator is 0; accepted: any other number");
        }
        this.settings = settings;
        this.discriminator = discriminator;
        this.random = random;
        this.listener = listener;
        advertisedTransmitUs = desiredTransmitUs();
        advertisedReceiveUs = settings.minReceiveUs();
        transmitUs = advertisedTransmitUs;
        receiveUs = advertisedReceiveUs;
        sentNs = nowNs - SPACING_NS;
        // A thousand sessions that are made at once are not to send at once.
        periodicNs = nowNs + random.nextLong(SLOW_US * 1_000 / 4);
        figures.transmitIntervalNs(transmitIntervalNs());
    }

    /** A random discriminator, not 0; whoever has several sessions draws again when it has this one. */
    public static int drawDiscriminator(SplittableRandom random) {
        int drawn = random.nextInt();
        while (drawn == 0) {
            drawn = random.nextInt();
        }
        return drawn;
    }

    // ---- sending ----

    /**
     * Takes note of the time: the session goes down when the remote end was silent for the detection time.
     *
     * @return whether a packet is to be sent now, and {@link #write} called for it. If that is not possible, the packet is
     *     lost like one that the network loses.
     */
    public boolean poll(long nowNs) {
        if (heard && nowNs - detectionNs() >= 0) {
            forgetRemote();
            if (state == BfdState.INIT || state == BfdState.UP) {
                enter(BfdState.DOWN, BfdDiagnostic.DETECTION_TIME_EXPIRED);
            } else {
                remoteSaid(BfdState.DOWN, BfdDiagnostic.NONE);
            }
        }
        boolean wanted = isWanted();
        boolean outOfTurn = (finalDue || (news && wanted)) && nowNs - sentNs >= SPACING_NS;
        if (!outOfTurn && !(wanted && nowNs - periodicNs >= 0)) {
            return false;
        }
        // Never both (6.5): the answer goes first, our own question with the packet after it.
        nextFlags = finalDue ? BfdPacket.FINAL : polling ? BfdPacket.POLL : 0;
        news = finalDue && polling;
        finalDue = false;
        sentNs = nowNs;
        schedule();
        return true;
    }

    /** Whether the remote end wants periodic packets (6.8.7). */
    private boolean isWanted() {
        boolean demand = remoteDemand && state == BfdState.UP && remoteState == BfdState.UP;
        return remoteMinReceiveUs != 0 && (!demand || polling);
    }

    /** Writes the packet that {@link #poll} asked for, {@link BfdPacket#LENGTH} bytes; it counts as sent. */
    public void write(Frame frame, int offset) {
        BfdPacket.put(
                frame,
                offset,
                state,
                diagnostic,
                nextFlags,
                settings.detectMultiplier(),
                discriminator,
                remoteDiscriminator,
                advertisedTransmitUs,
                advertisedReceiveUs);
        figures.sent();
    }

    /** When {@link #poll} is to be called next, at the latest; there always is such a time. */
    public long nextDueNs() {
        boolean wanted = isWanted();
        // Of the two there is at least one: who is not wanted was told so, by a remote end that has been heard.
        long due = wanted ? periodicNs : detectionNs();
        if (finalDue || (news && wanted)) {
            due = earlier(due, sentNs + SPACING_NS);
        }
        return heard ? earlier(due, detectionNs()) : due;
    }

    private static long earlier(long oneNs, long otherNs) {
        return oneNs - otherNs <= 0 ? oneNs : otherNs;
    }

    private long detectionNs() {
        return heardNs + detectionTimeNs();
    }

    private long detectionTimeNs() {
        return remoteMultiplier * Math.max(receiveUs, remoteMinTransmitUs) * 1_000;
    }

    private long transmitIntervalNs() {
        return Math.max(transmitUs, remoteMinReceiveUs) * 1_000;
    }

    /** The next periodic packet: 75 to 100 % of the interval after the last, 75 to 90 % if each one counts (6.8.7). */
    private void schedule() {
        long interval = transmitIntervalNs();
        long least = settings.detectMultiplier() == 1 ? interval / 10 : 0;
        periodicNs = sentNs + interval - least - random.nextLong(interval / 4 - least + 1);
        figures.transmitIntervalNs(interval);
    }

    // ---- receiving ----

    /**
     * Takes an Ethernet frame that {@link BfdEncapsulation#isBfd} found to be one of BFD. Borrows it for the call.
     *
     * @return why it was refused, which is counted; or {@code null}
     */
    public BfdRefusal onFrame(Frame frame, long nowNs) {
        int payload = BfdEncapsulation.payload(frame);
        BfdRefusal refusal = BfdEncapsulation.refusal(payload);
        return refusal == null
                ? onPacket(
                        frame, BfdEncapsulation.payloadOffset(payload), BfdEncapsulation.payloadLength(payload), nowNs)
                : refuse(refusal);
    }

    /**
     * Takes a packet that came from the remote end (6.8.6). Borrows the frame for the call.
     *
     * @param offset where the packet begins, behind the UDP header
     * @param length bytes of the UDP payload, of which the frame has as many
     * @return why it was refused, which is counted; or {@code null}
     */
    public BfdRefusal onPacket(Frame frame, int offset, int length, long nowNs) {
        BfdRefusal refusal = BfdPacket.check(frame, offset, length);
        if (refusal != null) {
            return refuse(refusal);
        }
        int yours = BfdPacket.yourDiscriminator(frame, offset);
        if (yours != 0 && yours != discriminator) {
            return refuse(BfdRefusal.YOUR_DISCRIMINATOR_UNKNOWN);
        }
        BfdState said = BfdPacket.state(frame, offset);
        int flags = BfdPacket.flags(frame, offset);
        long intervalBeforeNs = transmitIntervalNs();
        remoteDiscriminator = BfdPacket.myDiscriminator(frame, offset);
        remoteMultiplier = BfdPacket.detectMultiplier(frame, offset);
        remoteMinTransmitUs = BfdPacket.desiredMinTransmitUs(frame, offset);
        remoteMinReceiveUs = BfdPacket.requiredMinReceiveUs(frame, offset);
        remoteDemand = (flags & BfdPacket.DEMAND) != 0;
        heard = true;
        heardNs = nowNs;
        if ((flags & BfdPacket.FINAL) != 0 && polling) {
            endPoll();
        }
        if (state == BfdState.ADMIN_DOWN) {
            remoteSaid(said, BfdPacket.diagnostic(frame, offset));
            refuse(BfdRefusal.ADMINISTRATIVELY_DOWN);
            refusal = BfdRefusal.ADMINISTRATIVELY_DOWN;
        } else {
            finalDue |= (flags & BfdPacket.POLL) != 0;
            figures.received();
            advance(said, BfdPacket.diagnostic(frame, offset));
        }
        if (transmitIntervalNs() != intervalBeforeNs) {
            schedule(); // a shorter interval counts from the last packet on, at once (6.8.3)
        }
        figures.detectionTimeNs(detectionTimeNs());
        return refusal;
    }

    /** Counts something that was received for this session and refused before it came here; returns the reason. */
    public BfdRefusal refuse(BfdRefusal reason) {
        figures.refused(reason);
        return reason;
    }

    /** The transitions of 6.8.6. */
    private void advance(BfdState said, BfdDiagnostic why) {
        BfdState next = state;
        switch (said) {
            case ADMIN_DOWN -> next = BfdState.DOWN;
            case DOWN -> next = state == BfdState.DOWN ? BfdState.INIT : state == BfdState.UP ? BfdState.DOWN : state;
            case INIT -> next = BfdState.UP;
            case UP -> next = state == BfdState.INIT ? BfdState.UP : state;
        }
        boolean fell = next == BfdState.DOWN && state != BfdState.DOWN;
        boolean forwarding = isForwarding();
        remoteState = said;
        remoteDiagnostic = why;
        move(next, fell ? BfdDiagnostic.NEIGHBOR_SIGNALED_DOWN : diagnostic, forwarding);
    }

    /** Notes what the remote end is, while our state stays. */
    private void remoteSaid(BfdState said, BfdDiagnostic why) {
        boolean forwarding = isForwarding();
        remoteState = said;
        remoteDiagnostic = why;
        move(state, diagnostic, forwarding);
    }

    /** As if the remote end had never been heard (6.8.1), so that one that comes back can begin anew. */
    private void forgetRemote() {
        heard = false;
        remoteDiscriminator = 0;
        remoteMultiplier = 0;
        remoteMinTransmitUs = 0;
        remoteMinReceiveUs = 1;
        remoteDemand = false;
        finalDue = false;
        figures.detectionTimeNs(0);
        schedule();
    }

    // ---- states and intervals ----

    private void enter(BfdState next, BfdDiagnostic why) {
        boolean forwarding = isForwarding();
        remoteState = BfdState.DOWN;
        remoteDiagnostic = BfdDiagnostic.NONE;
        move(next, why, forwarding);
    }

    private void move(BfdState next, BfdDiagnostic why, boolean wasForwarding) {
        BfdState before = state;
        diagnostic = why;
        if (next != before) {
            state = next;
            news = true;
            if (next == BfdState.UP) {
                figures.up();
            } else if (before == BfdState.UP) {
                figures.down();
            }
            if (next == BfdState.DOWN || next == BfdState.ADMIN_DOWN) {
                polling = false; // and nobody is left who would take the old intervals for ours
                transmitUs = advertisedTransmitUs;
                receiveUs = advertisedReceiveUs;
            }
            takeIntervals();
        }
        if (next != before || isForwarding() != wasForwarding) {
            listener.changed(this, before);
        }
    }

    private long desiredTransmitUs() {
        return state == BfdState.UP ? settings.minTransmitUs() : Math.max(settings.minTransmitUs(), SLOW_US);
    }

    /**
     * Advertises the intervals that are wanted now, and asks the remote end to confirm that it knows them (6.8.3). While
     * a Poll is on its way, the next change waits for its end, since the answer would not say which one it is to.
     */
    private void takeIntervals() {
        long transmit = desiredTransmitUs();
        long receive = settings.minReceiveUs();
        if (polling || (transmit == advertisedTransmitUs && receive == advertisedReceiveUs)) {
            return;
        }
        long intervalBeforeNs = transmitIntervalNs();
        advertisedTransmitUs = transmit;
        advertisedReceiveUs = receive;
        news = true;
        boolean agreed = state == BfdState.UP;
        polling = agreed;
        // The remote end must know first of what would have it, or us, take the other one for gone.
        transmitUs = agreed ? Math.min(transmitUs, transmit) : transmit;
        receiveUs = agreed ? Math.max(receiveUs, receive) : receive;
        if (transmitIntervalNs() != intervalBeforeNs) {
            schedule();
        }
    }

    private void endPoll() {
        polling = false;
        transmitUs = advertisedTransmitUs;
        receiveUs = advertisedReceiveUs;
        takeIntervals();
    }

    /** Other settings from now on; the remote end is asked to confirm them by a Poll sequence if the session is up. */
    public void change(BfdSettings newSettings) {
        news |= newSettings.detectMultiplier() != settings.detectMultiplier();
        settings = newSettings;
        takeIntervals();
    }

    /**
     * Takes the session down until {@link #enable}; the remote end is told, now and once a second, that this is on purpose
     * (6.8.16). Does nothing when it is so already.
     */
    public void disable() {
        if (state != BfdState.ADMIN_DOWN) {
            finalDue = false;
            move(BfdState.ADMIN_DOWN, BfdDiagnostic.ADMINISTRATIVELY_DOWN, isForwarding());
        }
    }

    /** Ends what {@link #disable} began: the session is down, and comes up when the remote end answers. */
    public void enable() {
        if (state == BfdState.ADMIN_DOWN) {
            move(BfdState.DOWN, diagnostic, false);
        }
    }

    // ---- what it is ----

    /** Our number for the session. */
    public int discriminator() {
        return discriminator;
    }

    /** Our state. Any thread. */
    public BfdState state() {
        return state;
    }

    /** Why our session last left a state. Any thread. */
    public BfdDiagnostic diagnostic() {
        return diagnostic;
    }

    /** The remote end's state as last heard, {@code DOWN} when it is not heard. Any thread. */
    public BfdState remoteState() {
        return remoteState;
    }

    /**
     * Whether frames sent to the remote end are of use: the session is up, and the remote end does not say that what is
     * behind it is down (as Open vSwitch's {@code forwarding}). Any thread.
     */
    public boolean isForwarding() {
        return state == BfdState.UP && !remoteDiagnostic.isPathDown();
    }

    /** State and counters, for people and metrics; allocates. Any thread. */
    public BfdStatus status() {
        return figures.status(state, diagnostic, remoteState, remoteDiagnostic, isForwarding());
    }
}
