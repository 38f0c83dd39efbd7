package io.weft.examples.hosts;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The best hosts that this machine can have, and why not better ones.
 *
 * @param kind what was chosen
 * @param rejected what would have been better and is not possible here, the best first
 */
public record HostsChoice(HostsKind kind, List<Rejected> rejected) {

    /** @param reason what is missing, and the command that mends it */
    public record Rejected(HostsKind kind, String reason) {}

    /** Finds out whether one kind of host is possible. */
    @FunctionalInterface
    public interface Check {
        /** @throws HostException if it is not, with the reason and what changes that */
        void run() throws HostException;
    }

    /**
     * What this machine can have of each kind. The one for virtual machines makes the guest image if there is none yet.
     *
     * @param progress hears of work that takes a while
     */
    public static Map<HostsKind, Check> checks(Consumer<String> progress) {
        Map<HostsKind, Check> checks = new EnumMap<>(HostsKind.class);
        checks.put(HostsKind.VM, () -> {
            QemuProgram.find();
            GuestImage.make(progress);
        });
        checks.put(HostsKind.NETNS, () -> NamespaceHost.check("bin/two-vm-bridge --hosts netns"));
        checks.put(HostsKind.MEMORY, () -> {});
        return checks;
    }

    /** The first kind whose check succeeds; there always is one, for hosts inside this process need nothing. */
    public static HostsChoice best(Map<HostsKind, Check> checks) {
        List<Rejected> rejected = new ArrayList<>();
        for (HostsKind kind : HostsKind.values()) {
            try {
                checks.get(kind).run();
                return new HostsChoice(kind, List.copyOf(rejected));
            } catch (HostException e) {
                rejected.add(new Rejected(kind, e.getMessage()));
            }
        }
        throw new IllegalStateException("no kind of host is possible: " + rejected);
    }

    /**
     * The kind that was asked for.
     *
     * @throws HostException if it is not possible here
     */
    public static HostsChoice askedFor(HostsKind kind, Map<HostsKind, Check> checks) throws HostException {
        checks.get(kind).run();
        return new HostsChoice(kind, List.of());
    }

    /** A sentence for each kind that was looked at, for people. */
    public List<String> explain() {
        List<String> sentences = new ArrayList<>();
        for (Rejected better : rejected) {
            sentences.add("No " + better.kind().label() + ": " + better.reason() + ".");
        }
        sentences.add("The hosts are " + kind.label()
                + (rejected.isEmpty() ? "." : ", the best that this machine can do now."));
        return sentences;
    }
}
