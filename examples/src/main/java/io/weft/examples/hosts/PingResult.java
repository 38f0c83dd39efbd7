package io.weft.examples.hosts;

import java.util.Locale;

/**
 * How the pings over one IP version went.
 *
 * @param version IPv4 or IPv6
 * @param sent echo requests sent
 * @param received answers to different requests
 * @param minRttNs shortest round-trip time; 0, like the next two, if nothing was received
 * @param avgRttNs mean round-trip time
 * @param maxRttNs longest round-trip time
 */
public record PingResult(IpVersion version, int sent, int received, long minRttNs, long avgRttNs, long maxRttNs) {

    /** Whether every request was answered. */
    public boolean ok() {
        return sent > 0 && received == sent;
    }

    /** For people, such as {@code 5 of 5 answered, round trip 2.104/3.020/5.118 ms (min/avg/max)}. */
    public String describe() {
        String answered = received + " of " + sent + " answered";
        if (received == 0) {
            return answered;
        }
        return String.format(
                Locale.ROOT,
                "%s, round trip %.3f/%.3f/%.3f ms (min/avg/max)",
                answered,
                minRttNs / 1e6,
                avgRttNs / 1e6,
                maxRttNs / 1e6);
    }
}
