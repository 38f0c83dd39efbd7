package io.weft.mirror;

import io.weft.frame.Arp;
import io.weft.frame.EtherType;
import io.weft.frame.Ethernet;
import io.weft.frame.Frame;
import io.weft.frame.IpAddress;
import io.weft.frame.Ipv4;
import io.weft.frame.Ipv6;
import io.weft.frame.MacAddress;
import io.weft.frame.TransportPorts;

/** The conditions that a filter is made of; each {@code matches} checks first that what it reads is there. */
final class Primitives {
    private Primitives() {}

    /** {@code ether host 02:00:00:00:00:01}. */
    record EtherHost(Direction direction, long mac) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return frame.length() >= Ethernet.HEADER_LENGTH
                    && direction.holds(Ethernet.source(frame) == mac, Ethernet.destination(frame) == mac);
        }

        @Override
        public String toString() {
            return "ether " + direction.word + "host " + MacAddress.format(mac);
        }
    }

    /** {@code broadcast}. */
    record Broadcast() implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return frame.length() >= Ethernet.HEADER_LENGTH && Ethernet.destination(frame) == Ethernet.BROADCAST;
        }

        @Override
        public String toString() {
            return "broadcast";
        }
    }

    /** {@code multicast}: any group address, the broadcast address counted. */
    record Multicast() implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return frame.length() >= Ethernet.HEADER_LENGTH && Ethernet.isGroup(Ethernet.destination(frame));
        }

        @Override
        public String toString() {
            return "multicast";
        }
    }

    /** {@code vlan}, {@code vlan 10}, {@code vlan 10-20}: what the bridge put the frame in. */
    record Vlan(int lowest, int highest) implements FilterNode.Primitive {
        static final int MAX = 4_094;

        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return vlan >= lowest && vlan <= highest;
        }

        @Override
        public String toString() {
            if (lowest == 1 && highest == MAX) {
                return "vlan";
            }
            return "vlan " + (lowest == highest ? "" + lowest : lowest + "-" + highest);
        }
    }

    /** {@code less 64} and {@code greater 1000}: lengths in bytes, tags counted, FCS not; both ends count. */
    record Length(int least, int most) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return frame.length() >= least && frame.length() <= most;
        }

        @Override
        public String toString() {
            return most == Integer.MAX_VALUE ? "greater " + least : "less " + most;
        }
    }

    /** {@code arp}, {@code ether proto 0x88cc}. */
    record FrameType(int etherType) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return FrameLayers.etherType(layers) == etherType;
        }

        @Override
        public String toString() {
            return switch (etherType) {
                case EtherType.IPV4 -> "ip";
                case EtherType.IPV6 -> "ip6";
                case EtherType.ARP -> "arp";
                case EtherType.RARP -> "rarp";
                default -> String.format("ether proto 0x%04x", etherType);
            };
        }
    }

    /** {@code tcp}, {@code ip proto 47}; {@code etherType} is IPv4's, IPv6's, or 0 for both. */
    record Protocol(int etherType, int number) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            if (!FrameLayers.hasIp(layers) || (etherType != 0 && etherType != FrameLayers.etherType(layers))) {
                return false;
            }
            return FrameLayers.protocol(layers) == number
                    // The header behind the fixed one counts as well: "ip6 proto 44" finds fragments.
                    || (FrameLayers.etherType(layers) == EtherType.IPV6
                            && Ipv6.nextHeader(frame, FrameLayers.payloadOffset(layers)) == number);
        }

        @Override
        public String toString() {
            for (Keywords.IpProtocol known : Keywords.IpProtocol.values()) {
                if (known.etherType == etherType && known.number == number) {
                    return known.word;
                }
            }
            String family = etherType == 0 ? "" : etherType == EtherType.IPV4 ? "ip " : "ip6 ";
            return family + "proto " + number;
        }
    }

    /** {@code ip multicast} and {@code ip6 multicast}. */
    record IpMulticast(int etherType) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            if (!FrameLayers.hasIp(layers) || FrameLayers.etherType(layers) != etherType) {
                return false;
            }
            int ip = FrameLayers.payloadOffset(layers);
            return etherType == EtherType.IPV4
                    ? Ipv4.destination(frame, ip) >>> 24 >= 224
                    : Ipv6.isMulticast(Ipv6.destinationHigh(frame, ip));
        }

        @Override
        public String toString() {
            return (etherType == EtherType.IPV4 ? "ip" : "ip6") + " multicast";
        }
    }

    /** {@code host 10.0.0.1}, {@code net 10.0.0.0/8}; {@code etherType} is that of IPv4, ARP or RARP, or 0 for all. */
    record Ipv4Net(int etherType, Direction direction, int address, int prefixLength) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            int type = FrameLayers.etherType(layers);
            if (etherType != 0 && etherType != type) {
                return false;
            }
            int at = FrameLayers.payloadOffset(layers);
            if (type == EtherType.IPV4) {
                return FrameLayers.hasIp(layers)
                        && direction.holds(contains(Ipv4.source(frame, at)), contains(Ipv4.destination(frame, at)));
            }
            return (type == EtherType.ARP || type == EtherType.RARP)
                    && Arp.isPresent(frame, at)
                    && direction.holds(contains(Arp.senderIp(frame, at)), contains(Arp.targetIp(frame, at)));
        }

        private boolean contains(int ip) {
            return ((ip ^ address) & mask(prefixLength)) == 0;
        }

        static int mask(int prefixLength) {
            return (int) (-1L << (32 - prefixLength));
        }

        @Override
        public String toString() {
            String family = etherType == 0 ? "" : new FrameType(etherType) + " ";
            String text = IpAddress.formatIpv4(address);
            return family + direction.word + (prefixLength == 32 ? "host " + text : "net " + text + "/" + prefixLength);
        }
    }

    /** {@code host fd00::1}, {@code net fd00::/8}. */
    record Ipv6Net(Direction direction, long high, long low, int prefixLength) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            if (FrameLayers.etherType(layers) != EtherType.IPV6 || !FrameLayers.hasIp(layers)) {
                return false;
            }
            int at = FrameLayers.payloadOffset(layers);
            return direction.holds(
                    contains(Ipv6.sourceHigh(frame, at), Ipv6.sourceLow(frame, at)),
                    contains(Ipv6.destinationHigh(frame, at), Ipv6.destinationLow(frame, at)));
        }

        private boolean contains(long ipHigh, long ipLow) {
            return ((ipHigh ^ high) & highMask(prefixLength)) == 0 && ((ipLow ^ low) & lowMask(prefixLength)) == 0;
        }

        static long highMask(int prefixLength) {
            return prefixLength == 0 ? 0 : -1L << Math.max(0, 64 - prefixLength);
        }

        static long lowMask(int prefixLength) {
            return prefixLength <= 64 ? 0 : -1L << (128 - prefixLength);
        }

        @Override
        public String toString() {
            String text = IpAddress.formatIpv6(high, low);
            return direction.word + (prefixLength == 128 ? "host " + text : "net " + text + "/" + prefixLength);
        }
    }

    /** {@code tcp port 22}, {@code portrange 1-1024}; {@code protocol} is TCP's, UDP's or SCTP's, or 0 for all. */
    record Ports(int protocol, Direction direction, int lowest, int highest) implements FilterNode.Primitive {
        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            int at = FrameLayers.transportOffset(layers);
            int found = FrameLayers.protocol(layers);
            if (at == 0 || (protocol == 0 ? !TransportPorts.has(found) : found != protocol)) {
                return false;
            }
            return TransportPorts.isPresent(frame, at)
                    && direction.holds(
                            contains(TransportPorts.source(frame, at)),
                            contains(TransportPorts.destination(frame, at)));
        }

        private boolean contains(int port) {
            return port >= lowest && port <= highest;
        }

        @Override
        public String toString() {
            String name = protocol == 0 ? "" : new Protocol(0, protocol) + " ";
            return name
                    + direction.word
                    + (lowest == highest ? "port " + lowest : "portrange " + lowest + "-" + highest);
        }
    }
}
