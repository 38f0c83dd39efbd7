package io.weft.mirror;

import io.weft.frame.EtherType;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import java.util.Map;

/** The words of the filter language that stand for numbers. */
final class Keywords {
    private Keywords() {}

    /** Protocols with a word of their own; some are only looked for in one version of IP. */
    enum IpProtocol {
        TCP("tcp", 0, Ipv4.TCP),
        UDP("udp", 0, Ipv4.UDP),
        SCTP("sctp", 0, Ipv4.SCTP),
        ICMP("icmp", EtherType.IPV4, Ipv4.ICMP),
        IGMP("igmp", EtherType.IPV4, Ipv4.IGMP),
        ICMP6("icmp6", EtherType.IPV6, Ipv6.ICMPV6);

        final String word;
        final int etherType; // 0: both versions
        final int number;

        IpProtocol(String word, int etherType, int number) {
            this.word = word;
            this.etherType = etherType;
            this.number = number;
        }

        /** The protocol with this word, or null. */
        static IpProtocol named(String word) {
            for (IpProtocol protocol : values()) {
                if (protocol.word.equals(word)) {
                    return protocol;
                }
            }
            return null;
        }
    }

    /** EtherTypes with a word of their own. */
    static final Map<String, Integer> ETHER_TYPES =
            Map.of("ip", EtherType.IPV4, "ip6", EtherType.IPV6, "arp", EtherType.ARP, "rarp", EtherType.RARP);
}
