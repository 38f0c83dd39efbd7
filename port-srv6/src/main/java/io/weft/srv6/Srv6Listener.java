package io.weft.srv6;

import io.weft.frame.FramePool;
import io.weft.frame.IpPrefix;
import io.weft.port.PortException;
import io.weft.port.Reading;
import io.weft.tunnel.TunnelBinding;
import io.weft.tunnel.TunnelListener;
import io.weft.tunnel.TunnelReceiver;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.SidRoute;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayException;
import io.weft.underlay.UnderlayReceiver;
import io.weft.underlay.UnderlaySocket;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The socket that packets to SIDs are received by, shared by all ports and nodes of a switch in one network namespace: what comes is told
 * apart by its destination, in one table of SIDs.
 *
 * <p>Threads: as {@link io.weft.port.PortDriver} says; {@link #add} and {@link #remove} by any.
 */
final class Srv6Listener extends TunnelListener<Srv6Counter> {
    /**
     * What owners of SIDs have in common that share one.
     *
     * @param networkInterface {@code null} for any
     * @param netns {@code null} for the program's own
     */
    record Key(String networkInterface, String netns, List<SrHmacKey> hmacKeys, boolean hmacRequired) {
        static Key of(Srv6Settings settings) {
            return new Key(
                    settings.tunnel().networkInterface(),
                    settings.tunnel().netns(),
                    settings.hmacKeys(),
                    settings.hmacRequired());
        }
    }

    private static final VarHandle SENT_ON;

    static {
        try {
            SENT_ON = MethodHandles.lookup().findVarHandle(Srv6Listener.class, "sentOn", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Key key;
    private final TunnelSettings settings; // of the owner that came first: its buffers
    private final Underlay underlay;
    private final LocalSidTable<LocalSid> sids = new LocalSidTable<>();
    private final SidPlan plan = new SidPlan();
    private final Map<SidOwner, Held> owners = new LinkedHashMap<>();

    private long sentOn;

    /** What an owner holds here. */
    private static final class Held {
        final Map<SidSpec, LocalSid> sids = new LinkedHashMap<>();
        final List<SidRoute> routes = new ArrayList<>();
        Srv6Binding binding;
    }

    Srv6Listener(Key key, TunnelSettings settings, Underlay underlay) {
        super("srv6", Srv6Counter.class, Srv6Counter.QUEUE_FULL);
        this.key = key;
        this.settings = settings;
        this.underlay = underlay;
    }

    @Override
    protected UnderlaySocket openSocket() throws PortException {
        return Srv6Sockets.listening(settings, underlay);
    }

    @Override
    protected TunnelReceiver newReceiver(UnderlayReceiver packets, FramePool pool) {
        SrHmac hmac = key.hmacKeys().isEmpty() ? null : new SrHmac(key.hmacKeys());
        SidProcessor processor = new SidProcessor(sids, hmac, key.hmacRequired());
        TransitSender transit = new TransitSender(this, socket(), pool);
        return new Srv6Receiver(this, packets, pool, processor, transit);
    }

    // ---- SIDs ----

    /**
     * Receives for somebody's SIDs.
     *
     * @param binding the owner's place in the switch; {@code null} when it is no port
     * @throws PortException when a SID overlaps another one here, has parameters that mean nothing, or the route cannot be made; then
     *     nothing is left behind
     */
    synchronized void add(SidOwner owner, Srv6Binding binding) throws PortException {
        Held held = new Held();
        held.binding = binding;
        owners.put(owner, held);
        boolean added = false;
        try {
            for (SidSpec sid : owner.sids()) {
                add(owner, held, sid);
            }
            refilter();
            added = true;
        } finally {
            if (!added) {
                remove(owner);
            }
        }
    }

    private void add(SidOwner owner, Held held, SidSpec sid) throws PortException {
        Object target = owner.target(sid, held.binding);
        try {
            plan.add(sid);
        } catch (IllegalArgumentException e) {
            throw new PortException(owner + ": " + e.getMessage(), e);
        }
        try {
            held.sids.put(sid, local(owner, sid, target));
        } catch (IllegalArgumentException | IllegalStateException e) { // the table is full
            plan.remove(sid);
            throw new PortException(owner + ": option sid is '" + sid + "': " + e.getMessage(), e);
        }
        if (owner.sidRoute() != null) {
            try {
                held.routes.add(SidRoute.make(sid.prefix(), owner.sidRoute(), key.netns()));
            } catch (UnderlayException e) {
                throw new PortException(
                        owner + ": option sid_route is '" + Srv6Options.word(owner.sidRoute()) + "': " + e.getMessage()
                                + "; or without the option, made as root: " + byHand(owner.sidRoute(), sid.prefix()),
                        e);
            }
        }
    }

    private static String byHand(SidRoute.Kind kind, IpPrefix prefix) {
        return "ip -6 route add " + kind.name().toLowerCase(Locale.ROOT) + " " + prefix
                + (kind == SidRoute.Kind.LOCAL ? " dev lo" : "");
    }

    /** In the table; a SID of End.DX2V may be that of several ports, of a VLAN each. */
    private LocalSid local(SidOwner owner, SidSpec sid, Object target) {
        if (sid.behaviour() != Behaviour.END_DX2V) {
            LocalSid local = new LocalSid(sid, owner.domain(), owner.source(), target);
            sids.put(sid.prefix(), local);
            return local;
        }
        LocalSid there = sids.get(sid.prefix());
        if (there == null) {
            there = new LocalSid(sid, new SharedDomain(), owner.source(), new TunnelBinding[LocalSid.VLANS]);
            sids.put(sid.prefix(), there);
        }
        Srv6Binding binding = (Srv6Binding) target;
        ((SharedDomain) there.domain()).add(binding.domain());
        ((TunnelBinding[]) there.target())[sid.target().vlan()] = binding;
        return there;
    }

    /** No longer; what waits to be received for it is dropped. */
    synchronized void remove(SidOwner owner) {
        Held held = owners.remove(owner);
        if (held == null) {
            return;
        }
        held.sids.forEach(this::remove);
        held.routes.forEach(SidRoute::close);
        refilter();
    }

    private void remove(SidSpec sid, LocalSid local) {
        plan.remove(sid);
        if (local.target() instanceof TunnelBinding[] vlans) {
            ((SharedDomain) local.domain())
                    .remove(((Srv6Binding) vlans[sid.target().vlan()]).domain());
            vlans[sid.target().vlan()] = null;
            if (plan.list().stream().anyMatch(other -> other.prefix().equals(sid.prefix()))) {
                return;
            }
        }
        sids.remove(sid.prefix());
    }

    private void refilter() {
        DestinationFilter.attach(plan.list(), socket()::receiveTo);
    }

    // ---- figures ----

    /** Packets were sent on to their next segment. Worker only. */
    void sentOn(int packets) {
        SENT_ON.setOpaque(this, sentOn + packets);
    }

    @Override
    public List<Reading> readings() {
        List<Reading> readings = new ArrayList<>(super.readings());
        readings.add(new Reading(
                "srv6_sent_on_packets",
                true,
                "Packets that were sent on to their next segment.",
                Map.of("srv6", toString()),
                (long) SENT_ON.getOpaque(this)));
        return readings;
    }

    /** Those of an owner's SIDs. */
    synchronized List<Reading> readings(SidOwner owner, String name) {
        List<Reading> readings = new ArrayList<>();
        Held held = owners.get(owner);
        if (held != null) {
            for (LocalSid sid : held.sids.values()) {
                Map<String, String> labels = new LinkedHashMap<>(); // whose order is the same in every run
                labels.put("port", name);
                labels.put("sid", sid.spec().prefix().toString());
                labels.put("behaviour", sid.spec().behaviour().ianaName().toLowerCase(Locale.ROOT));
                readings.add(new Reading(
                        "srv6_sid_packets",
                        true,
                        "Packets to the SID that were delivered or sent on.",
                        labels,
                        sid.packets()));
                readings.add(new Reading(
                        "srv6_sid_bytes",
                        true,
                        "Bytes of them as they came, IPv6 header counted.",
                        labels,
                        sid.bytes()));
                readings.add(new Reading(
                        "srv6_sid_errors", true, "Packets to the SID that were dropped.", labels, sid.errors()));
            }
        }
        return readings;
    }

    /** Tells listeners of one switch apart, since metrics of the same name and labels would be one. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("srv6");
        if (key.networkInterface() != null) {
            text.append(" on ").append(key.networkInterface());
        }
        if (key.netns() != null) {
            text.append(" in ").append(key.netns());
        }
        if (!key.hmacKeys().isEmpty()) {
            text.append(key.hmacRequired() ? " requiring hmac" : " with hmac");
            key.hmacKeys().forEach(hmac -> text.append(' ').append(hmac.id()));
        }
        return text.toString();
    }
}
