package io.weft.patch;

import io.weft.port.InvalidPortException;
import io.weft.port.PortDriver;
import io.weft.port.PortOption;
import io.weft.port.PortProvider;
import io.weft.port.PortUri;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes {@link PatchPort}s from {@code patch:NAME?peer=PEER}. Two URIs that name each other, wherever in the JVM they are
 * used, are the two ends of one link.
 */
public final class PatchPortProvider implements PortProvider {
    private static final PortOption<String> PEER = PortOption.text("peer", "the name of the port at the other end")
            .meaning("name of the patch port at the other end, whose own option peer names this one; required");

    /** The links that somebody holds an end of; guarded by itself. */
    private static final Map<Names, WeakReference<PatchLink>> LINKS = new HashMap<>();

    /** The names of a link's ends, the lesser one first. */
    private record Names(String lesser, String greater) {}

    /** For {@code ServiceLoader}. */
    public PatchPortProvider() {}

    @Override
    public List<String> schemes() {
        return List.of("patch");
    }

    @Override
    public String syntax() {
        return "patch:NAME";
    }

    @Override
    public String summary() {
        return "One end of a link between two switches of this JVM; NAME is the port's name in its switch.";
    }

    @Override
    public List<PortOption<?>> options() {
        return List.of(PEER);
    }

    @Override
    public PortDriver create(PortUri uri) {
        String name = uri.target();
        String peer = uri.get(PEER);
        if (name.isEmpty()) {
            throw new InvalidPortException("patch port '': the name is missing; accepted: patch:NAME?peer=PEER");
        }
        if (peer == null) {
            throw new InvalidPortException(
                    "patch port '" + name + "': option peer is missing; accepted: " + PEER.accepted());
        }
        if (peer.equals(name)) {
            throw new InvalidPortException("patch port '" + name + "': option peer is '" + peer
                    + "', the port itself; accepted: another name");
        }
        PatchLink link = link(name, peer);
        return new PatchPort(link, link.first().name.equals(name) ? link.first() : link.second());
    }

    private static PatchLink link(String name, String peer) {
        Names names = name.compareTo(peer) < 0 ? new Names(name, peer) : new Names(peer, name);
        synchronized (LINKS) {
            LINKS.values().removeIf(held -> held.get() == null);
            WeakReference<PatchLink> held = LINKS.get(names);
            PatchLink link = held == null ? null : held.get();
            if (link == null) {
                link = new PatchLink(names.lesser, names.greater);
                LINKS.put(names, new WeakReference<>(link));
            }
            return link;
        }
    }
}
