package io.weft.tunnel;

import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.tunnel.RemoteEnd.Origin;
import io.weft.underlay.UnderlayPeer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The remote ends of a port that are names. They are looked up when the port is opened, and again when a remote end is not
 * reached or a name had no address; a name that has another address then has its remote end moved there.
 *
 * <p>Threads: looking up waits for others, so that each round of it has a thread of its own; the rest by the port's worker,
 * and before it by the one that opens the port.
 */
final class NameResolver {
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long LEAST_INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

    private final TunnelPort port;
    private final PortContext context;
    private final List<Name> names = new ArrayList<>();
    private RemoteEnds ends;
    private boolean looking;
    private boolean retrying;
    private long lastNs;
    private volatile boolean closed;

    /**
     * What a name leads to.
     *
     * @param address of the family that is wanted; {@code null} for none
     * @param trouble why there is none
     */
    private record Answer(InetAddress address, String trouble) {}

    private static final class Name {
        final RemoteSpec spec;
        Answer answer; // to the last look-up
        RemoteEnd remote; // null before there was an address
        String trouble; // told last

        Name(RemoteSpec spec) {
            this.spec = spec;
        }
    }

    NameResolver(TunnelPort port, PortContext context) {
        this.port = port;
        this.context = context;
    }

    /** Looks all names up, waiting for it; the first address says which family the underlay is of when nothing else does. */
    TunnelSettings resolveFirst(TunnelSettings settings) {
        TunnelSettings decided = settings;
        boolean open = !port.isFamilyDecided();
        for (RemoteSpec spec : settings.remotes()) {
            if (spec.isName()) {
                Name name = new Name(spec);
                names.add(name);
                name.answer = lookUp(decided, spec, open);
                if (open && name.answer.address() != null) {
                    decided = settings.withIpv6(AddressLiteral.isIpv6(name.answer.address()));
                    open = false;
                }
            }
        }
        lastNs = context.nanoTime();
        return decided;
    }

    private static Answer lookUp(TunnelSettings settings, RemoteSpec spec, boolean anyFamily) {
        try {
            InetAddress[] all = InetAddress.getAllByName(spec.host());
            for (InetAddress address : all) {
                if (anyFamily || AddressLiteral.isIpv6(address) == settings.ipv6()) {
                    return new Answer(address, null);
                }
            }
            return new Answer(
                    null,
                    TunnelAdvice.otherFamily(settings, spec, settings.ipv6(), all[0])
                            .getMessage());
        } catch (UnknownHostException e) {
            return new Answer(null, TunnelAdvice.unknownName(settings, spec, e).getMessage());
        }
    }

    /** Adds the remote ends whose names have an address. */
    void addResolved(RemoteEnds newEnds) {
        ends = newEnds;
        names.forEach(this::apply);
    }

    /** A remote end is not reached: its name may have another address by now. Any thread. */
    void resolveAgain() {
        context.execute(this::lookAgain);
    }

    private void lookAgain() {
        long nowNs = context.nanoTime();
        if (!looking) { // or the answers would be for other names
            names.removeIf(name -> name.remote != null && !ends.isHere(name.remote));
        }
        if (looking || closed || names.isEmpty() || nowNs - lastNs < LEAST_INTERVAL_NS) {
            return;
        }
        looking = true;
        lastNs = nowNs;
        TunnelSettings settings = port.tunnel();
        List<RemoteSpec> specs = names.stream().map(name -> name.spec).toList();
        Thread thread = new Thread(
                () -> {
                    List<Answer> answers = specs.stream()
                            .map(spec -> lookUp(settings, spec, false))
                            .toList();
                    context.execute(() -> found(answers));
                },
                "weft-resolve-" + port.name());
        thread.setDaemon(true);
        thread.start();
    }

    private void found(List<Answer> answers) {
        looking = false;
        for (int i = 0; i < names.size(); i++) {
            names.get(i).answer = answers.get(i);
            apply(names.get(i));
        }
    }

    /** Makes a name's remote end what its address says. */
    private void apply(Name name) {
        if (closed) {
            return;
        }
        try {
            if (name.answer.address() == null) {
                tell(name, name.answer.trouble());
                return;
            }
            UnderlayPeer peer = UnderlayPeer.of(name.answer.address(), port.destinationPort(name.spec.port()));
            if (name.remote == null) {
                name.remote = ends.add(peer, port.key(name.spec), Origin.CONFIGURED, true, name.spec.host());
            } else if (!name.remote.peer().equals(peer)) {
                RemoteEnd moved = ends.move(name.remote, peer);
                if (moved == null) {
                    return; // removed: nobody asks for it any more
                }
                name.remote = moved;
                context.report("remote_ip " + name.spec.host() + " is " + peer.address() + " now");
            }
            name.trouble = null;
        } catch (PortException e) {
            tell(name, e.getMessage());
        }
    }

    private void tell(Name name, String trouble) {
        if (!trouble.equals(name.trouble)) {
            name.trouble = trouble;
            context.report(trouble + "; looking again from time to time");
        }
        if (name.remote == null && !retrying) {
            retrying = true;
            context.schedule(RETRY_NS, () -> {
                retrying = false;
                lookAgain();
            });
        }
    }

    void close() {
        closed = true;
    }
}
