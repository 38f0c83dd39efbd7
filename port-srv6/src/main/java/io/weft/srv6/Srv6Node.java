package io.weft.srv6;

import io.weft.frame.FrameBatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import io.weft.port.Reading;
import io.weft.route.RouteTable;
import io.weft.tunnel.TunnelSettings;
import io.weft.underlay.Underlay;
import io.weft.underlay.UnderlayPeer;
import java.util.List;

/**
 * A waypoint: SIDs whose packets are sent on to their next segment, and never into the switch (End, End.X, End.T, binding SIDs). A
 * driver without a port. SIDs of that kind may as well be a port's.
 *
 * <p>Threads: as {@link PortDriver} says.
 */
public final class Srv6Node implements PortDriver {
    private final TunnelSettings settings;
    private final Srv6Listener.Key key;
    private final RouteTable ownTable;
    private final SidOwner owner;
    private final Underlay underlay;
    private Srv6Listener listener; // null before it is opened

    Srv6Node(Srv6NodeBuilder builder) {
        settings = builder.tunnelSettings();
        key = new Srv6Listener.Key(
                settings.networkInterface(),
                settings.netns(),
                List.copyOf(builder.hmacKeys()),
                builder.isHmacRequired());
        ownTable = new RouteTable(Srv6Port.tableName(settings.name()));
        UnderlayPeer local = UnderlayPeer.of(settings.local(), 0);
        owner = new SidOwner(
                toString(),
                builder.sids(),
                new SidDomain(builder.domain()),
                new SrSource(local.high(), local.low(), settings.ttl()),
                builder.sidRoute(),
                ownTable,
                builder.tables());
        underlay = builder.nodeUnderlay();
    }

    /** Begins a node. */
    public static Srv6NodeBuilder builder(String name) {
        return new Srv6NodeBuilder(name);
    }

    /** The routes of {@code End.T table NAME} with the node's name. */
    public RouteTable table() {
        return ownTable;
    }

    @Override
    public void open(PortContext context) throws PortException {
        Srv6Listener shared = context.share(key, () -> new Srv6Listener(key, settings, underlay));
        shared.add(owner, null);
        listener = shared;
    }

    /** Its packets are received by what it shares with others. */
    @Override
    public int poll(FrameBatch into, int limit) {
        return 0;
    }

    @Override
    public void close() {
        if (listener != null) {
            listener.remove(owner);
        }
    }

    @Override
    public List<Reading> readings() {
        return listener == null ? List.of() : listener.readings(owner, settings.name());
    }

    @Override
    public String toString() {
        return settings.scheme() + ":" + settings.name();
    }
}
