package io.weft.examples.hosts;

import java.util.Locale;

/** What a host tells while it starts and pings. */
public sealed interface HostEvent {

    /** One line for people. */
    String describe();

    /** The machine runs, but its system is not there yet. */
    record Starting(String how) implements HostEvent {
        @Override
        public String describe() {
            return "starting: " + how;
        }
    }

    /** The host's own system runs. */
    record Booted(String kernel) implements HostEvent {
        @Override
        public String describe() {
            return "booted Linux " + kernel;
        }
    }

    /** The network interface is up and has its addresses. */
    record Up(HostAddress address) implements HostEvent {
        @Override
        public String describe() {
            return "up with " + address.mac() + ", " + address.ip4WithPrefix() + ", " + address.ip6WithPrefix();
        }
    }

    /** The peer has not answered yet; told once for each IP version. */
    record Waiting(String peerIp) implements HostEvent {
        @Override
        public String describe() {
            return "waiting for " + peerIp + " to answer";
        }
    }

    /**
     * An echo request was answered.
     *
     * @param sequence from 1
     */
    record Reply(IpVersion version, int sequence, long rttNs) implements HostEvent {
        @Override
        public String describe() {
            return String.format(Locale.ROOT, "%s ping %d answered after %.3f ms", version, sequence, rttNs / 1e6);
        }
    }

    /** All pings over one IP version are done, well or not. */
    record Pinged(PingResult result) implements HostEvent {
        @Override
        public String describe() {
            return result.version() + " ping " + (result.ok() ? "ok: " : "failed: ") + result.describe();
        }
    }

    /** The host ended, or cannot go on. */
    record Failed(String reason) implements HostEvent {
        @Override
        public String describe() {
            return "failed: " + reason;
        }
    }
}
