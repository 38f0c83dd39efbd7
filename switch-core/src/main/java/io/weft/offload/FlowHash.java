package io.weft.offload;

import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.frame.TransportPorts;
import java.security.SecureRandom;

/**
 * A number that frames of one flow have in common, for spreading flows over queues, or over the source ports of a tunnel
 * (RFC 7348, 5; RFC 6438), while each keeps its order.
 *
 * <p>What is hashed: for IP, behind at most {@value EtherType#MAX_TAGS} tags, the addresses, and for TCP, UDP and SCTP the
 * port numbers; for all else the MAC addresses. The ports of a fragment count for nothing, even of the first, so that all
 * fragments stay together. Both directions of a flow have the same number.
 *
 * <p>The numbers depend on a secret that differs from process to process, so that nobody outside can choose flows which
 * fall together.
 *
 * <p>Threads: stateless; the caller owns the frame.
 */
public final class FlowHash {
    private static final long SECRET = new SecureRandom().nextLong();

    /** An odd number without a pattern: the golden ratio's fraction. */
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private static final int FRAGMENT_BITS = 0x3fff;

    private FlowHash() {}

    /** The flow's number: all 32 bits are usable. Never fails; frames too short for two addresses share one. */
    public static int of(Frame frame) {
        int etherType = EtherType.offset(frame);
        if (etherType == EtherType.NONE) {
            return finish(SECRET);
        }
        int network = etherType + 2;
        int type = EtherType.at(frame, etherType);
        if (type == EtherType.IPV4 && Ipv4.isPresent(frame, network)) {
            return ofIpv4(frame, network);
        }
        if (type == EtherType.IPV6 && Ipv6.isPresent(frame, network)) {
            return ofIpv6(frame, network);
        }
        return combine(mix(Ethernet.source(frame)), mix(Ethernet.destination(frame)), 0);
    }

    private static int ofIpv4(Frame frame, int network) {
        int protocol = Ipv4.protocol(frame, network);
        boolean fragment = (frame.getShort(network + 6) & FRAGMENT_BITS) != 0;
        int transport = network + Ipv4.headerLength(frame, network);
        long source = Ipv4.source(frame, network) & 0xffff_ffffL;
        long destination = Ipv4.destination(frame, network) & 0xffff_ffffL;
        if (!fragment && TransportPorts.has(protocol) && TransportPorts.isPresent(frame, transport)) {
            source |= (long) TransportPorts.source(frame, transport) << 32;
            destination |= (long) TransportPorts.destination(frame, transport) << 32;
        }
        return combine(mix(source), mix(destination), protocol);
    }

    private static int ofIpv6(Frame frame, int network) {
        long source = mix(Ipv6.sourceHigh(frame, network)) + Ipv6.sourceLow(frame, network);
        long destination = mix(Ipv6.destinationHigh(frame, network)) + Ipv6.destinationLow(frame, network);
        int skipped = ExtensionHeaders.skip(frame, network);
        int protocol = 0;
        if (skipped != ExtensionHeaders.NONE) {
            protocol = ExtensionHeaders.type(skipped); // a fragment header is one that has no ports
            int transport = ExtensionHeaders.offset(skipped);
            if (TransportPorts.has(protocol) && TransportPorts.isPresent(frame, transport)) {
                source = mix(source) + TransportPorts.source(frame, transport);
                destination = mix(destination) + TransportPorts.destination(frame, transport);
            }
        }
        return combine(mix(source), mix(destination), protocol);
    }

    /** The same for both orders of the ends. */
    private static int combine(long oneEnd, long otherEnd, int protocol) {
        return finish(oneEnd + otherEnd + protocol * GOLDEN);
    }

    private static int finish(long bits) {
        return (int) (mix(bits) >>> 32);
    }

    /** Spreads every bit over all others (the finalizer of SplitMix64, keyed with the secret). */
    private static long mix(long bits) {
        long z = (bits ^ SECRET) * GOLDEN;
        z = (z ^ z >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ z >>> 27) * 0x94D0_49BB_1331_11EBL;
        return z ^ z >>> 31;
    }
}
