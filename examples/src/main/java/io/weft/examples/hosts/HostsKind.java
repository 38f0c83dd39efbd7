package io.weft.examples.hosts;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The kinds of host that the main example can have, the most real first. */
public enum HostsKind {
    VM("vm", "virtual machines"),
    NETNS("netns", "network namespaces with TAP devices"),
    MEMORY("memory", "tiny hosts inside this process");

    private final String option;
    private final String label;

    HostsKind(String option, String label) {
        this.option = option;
        this.label = label;
    }

    /** As {@code --hosts} is given it. */
    public String option() {
        return option;
    }

    /** For people, in the plural. */
    public String label() {
        return label;
    }

    /** @throws IllegalArgumentException naming what is accepted */
    public static HostsKind fromOption(String value) {
        Optional<HostsKind> found = Arrays.stream(values())
                .filter(kind -> kind.option.equals(value))
                .findFirst();
        return found.orElseThrow(() -> new IllegalArgumentException("--hosts '" + value + "': accepted are "
                + Arrays.stream(values()).map(HostsKind::option).collect(Collectors.joining(", "))));
    }
}
