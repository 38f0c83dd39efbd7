package io.weft.examples.hosts;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what {@code ping} (Debian's iputils-ping) prints for one run with one IP version.
 *
 * <p>Threads: confined to whoever reads the output.
 */
final class PingOutput {
    private static final String MILLISECONDS = "\\d{1,9}(?:\\.\\d{1,9})?";
    // 64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.045 ms
    private static final Pattern REPLY = Pattern.compile("icmp_seq=(\\d{1,9}) .*time=(" + MILLISECONDS + ") ms");
    // 5 packets transmitted, 5 received, 0% packet loss, time 804ms
    private static final Pattern SUMMARY = Pattern.compile("(\\d{1,9}) packets transmitted, (\\d{1,9}) received");
    // rtt min/avg/max/mdev = 0.027/0.038/0.052/0.008 ms
    private static final Pattern RTT =
            Pattern.compile("rtt min/avg/max/mdev = ((?:" + MILLISECONDS + "/){2,3}" + MILLISECONDS + ") ms");

    private final IpVersion version;
    private int sent;
    private int received;
    private String rtt = "0/0/0";

    PingOutput(IpVersion version) {
        this.version = version;
    }

    /** Takes the next line; returns the reply that it tells of, if it does. */
    Optional<HostEvent.Reply> line(String line) {
        Matcher reply = REPLY.matcher(line);
        if (reply.find()) {
            return Optional.of(new HostEvent.Reply(version, Integer.parseInt(reply.group(1)), rttNs(reply.group(2))));
        }
        Matcher summary = SUMMARY.matcher(line);
        if (summary.find()) {
            sent = Integer.parseInt(summary.group(1));
            received = Integer.parseInt(summary.group(2));
        }
        Matcher times = RTT.matcher(line);
        if (times.find()) {
            rtt = times.group(1);
        }
        return Optional.empty();
    }

    /** What the lines so far come to. */
    PingResult result() {
        return result(version, sent, received, rtt);
    }

    /** @param minAvgMax in milliseconds, with slashes between; more after that is ignored */
    static PingResult result(IpVersion version, int sent, int received, String minAvgMax) {
        String[] times = minAvgMax.split("/", -1);
        if (times.length < 3) {
            throw new IllegalArgumentException(minAvgMax);
        }
        return new PingResult(version, sent, received, rttNs(times[0]), rttNs(times[1]), rttNs(times[2]));
    }

    /** @throws IllegalArgumentException for what is no number of milliseconds as ping writes it */
    static long rttNs(String milliseconds) {
        if (!milliseconds.matches(MILLISECONDS)) {
            throw new IllegalArgumentException(milliseconds);
        }
        return Math.round(Double.parseDouble(milliseconds) * 1e6);
    }
}
