package io.weft.packet;

import io.weft.port.PortException;
import java.util.List;
import java.util.Locale;

/**
 * What to tell the person at the keyboard when an interface cannot be had: what was tried, what the system answered, and
 * the command that mends it.
 *
 * <p>Threads: stateless.
 */
final class PcapAdvice {
    private static final String PCAP4J = "org.pcap4j.core.Pcaps";

    private PcapAdvice() {}

    /** A library is missing. */
    static PortException notLinked(String port, LinkageError error) {
        String missing = isOnClassPath(PCAP4J) && isOnClassPath("com.sun.jna.Native")
                ? "libpcap cannot be loaded; install it, as root: apt-get install libpcap0.8 (Debian, Ubuntu) or dnf install"
                        + " libpcap (Fedora)"
                : "pcap4j is not on the class path; add the dependency org.pcap4j:pcap4j-core, with a current"
                        + " net.java.dev.jna:jna";
        return new PortException(
                "pcap port '" + port + "': " + missing + "; on Linux packet:" + port + " needs neither ("
                        + reason(error) + ")",
                error);
    }

    /** The first line of what the loader said; it goes on with everywhere it looked. */
    private static String reason(LinkageError error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }

    private static boolean isOnClassPath(String className) {
        try {
            Class.forName(className, false, PcapAdvice.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /**
     * libpcap did not open the interface.
     *
     * @param answer what it said
     * @param interfaces what it can open
     */
    static PortException notOpened(String port, String answer, List<String> interfaces, Throwable cause) {
        String said = String.valueOf(answer);
        String lower = said.toLowerCase(Locale.ROOT);
        String advice;
        if (lower.contains("permission") || lower.contains("not permitted")) {
            advice = "that needs CAP_NET_RAW: run as root, or let root lend it to the program:"
                    + " setpriv --reuid " + user() + " --regid " + user()
                    + " --init-groups --inh-caps +net_raw --ambient-caps"
                    + " +net_raw COMMAND (a systemd service: AmbientCapabilities=CAP_NET_RAW)";
        } else if (!interfaces.contains(port)) {
            advice = "accepted: "
                    + (interfaces.isEmpty() ? "none can be seen; see ip link" : String.join(", ", interfaces));
        } else if (lower.contains("not up") || lower.contains("is down")) {
            advice = "bring it up, as root: ip link set " + port + " up";
        } else {
            advice = "see ip -d link show " + port;
        }
        return new PortException("pcap port '" + port + "': " + said + "; " + advice, cause);
    }

    private static String user() {
        return System.getProperty("user.name", "$USER");
    }
}
