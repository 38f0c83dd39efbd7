package io.weft.examples.hosts.memory;

import io.weft.examples.hosts.IpVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Neighbour solicitation and advertisement (RFC 4861 sections 4.3, 4.4 and 7.1): 4 bytes of flags, the target address,
 * and options of type, length in units of 8 bytes, and content.
 */
final class NeighborDiscovery {
    static final int SOLICITATION = 135;
    static final int ADVERTISEMENT = 136;

    private static final int MIN_LENGTH = 24;
    private static final int OPTION_LENGTH = 8;
    private static final int OPTION_SOURCE_LINK_LAYER_ADDRESS = 1;
    private static final int OPTION_TARGET_LINK_LAYER_ADDRESS = 2;
    private static final int FLAG_SOLICITED = 0x4000_0000;
    private static final int FLAG_OVERRIDE = 0x2000_0000;

    private static final byte[] ALL_NODES = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final int GROUP_PREFIX_LENGTH = 13;

    /** The link-layer address that an option gives, if there is none. */
    static final long NO_MAC = 0;

    private NeighborDiscovery() {}

    /** The group in which a solicitation for this address is sent: ff02::1:ff and its last three bytes. */
    static byte[] solicitedNodeGroup(byte[] ip) {
        byte[] group = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff, ip[13], ip[14], ip[15]};
        return group;
    }

    /** 33:33 and the group's last four bytes (RFC 2464 section 7). */
    static long groupMac(byte[] group) {
        return 0x3333L << 32 | ByteBuffer.wrap(group).getInt(12) & 0xffff_ffffL;
    }

    static long allNodesMac() {
        return groupMac(ALL_NODES);
    }

    /** Whether the packet is a solicitation or advertisement that keeps all rules; then no accessor fails. */
    static boolean isReadable(ByteBuffer frame, IpPacket packet) {
        int type = packet.icmpType(frame);
        if (packet.version() != IpVersion.IPV6
                || type != SOLICITATION && type != ADVERTISEMENT
                || packet.icmpCode(frame) != 0
                || packet.hopLimit(frame) != IpPacket.MAX_HOP_LIMIT
                || packet.icmpLength() < MIN_LENGTH
                || isGroup(target(frame, packet))
                || !optionsAreWhole(frame, packet)) {
            return false;
        }
        byte[] destination = packet.destination(frame);
        if (type == ADVERTISEMENT) {
            boolean solicited = (frame.getInt(packet.icmpOffset() + 4) & FLAG_SOLICITED) != 0;
            return !(solicited && isGroup(destination));
        }
        boolean senderHasNoAddress = ArpPacket.isUnspecified(packet.source(frame));
        return !senderHasNoAddress
                || linkLayerAddress(frame, packet) == NO_MAC
                        && Arrays.equals(
                                destination,
                                0,
                                GROUP_PREFIX_LENGTH,
                                solicitedNodeGroup(destination),
                                0,
                                GROUP_PREFIX_LENGTH);
    }

    static byte[] target(ByteBuffer frame, IpPacket packet) {
        return ArpPacket.bytes(frame, packet.icmpOffset() + 8, 16);
    }

    /** The sender's (in a solicitation) or target's (in an advertisement) MAC address, or {@link #NO_MAC}. */
    static long linkLayerAddress(ByteBuffer frame, IpPacket packet) {
        int wanted = packet.icmpType(frame) == SOLICITATION
                ? OPTION_SOURCE_LINK_LAYER_ADDRESS
                : OPTION_TARGET_LINK_LAYER_ADDRESS;
        int end = packet.icmpOffset() + packet.icmpLength();
        for (int option = packet.icmpOffset() + MIN_LENGTH; option < end; option += optionLength(frame, option)) {
            if (frame.get(option) == wanted && optionLength(frame, option) == OPTION_LENGTH) {
                long mac = EthernetHeader.mac(frame, option + 2);
                return EthernetHeader.isStation(mac) ? mac : NO_MAC;
            }
        }
        return NO_MAC;
    }

    /** An option of length zero, or one beyond the end, makes the whole packet invalid. */
    private static boolean optionsAreWhole(ByteBuffer frame, IpPacket packet) {
        int end = packet.icmpOffset() + packet.icmpLength();
        int option = packet.icmpOffset() + MIN_LENGTH;
        while (option + 2 <= end) {
            int length = optionLength(frame, option);
            if (length == 0) {
                return false;
            }
            option += length;
        }
        return option == end;
    }

    private static int optionLength(ByteBuffer frame, int option) {
        return (frame.get(option + 1) & 0xff) * 8;
    }

    private static boolean isGroup(byte[] ip) {
        return ip[0] == (byte) 0xff;
    }

    /** A frame to the target's group that asks for its MAC address. */
    static ByteBuffer solicitation(long senderMac, byte[] senderIp, byte[] target) {
        byte[] group = solicitedNodeGroup(target);
        return packet(
                SOLICITATION, groupMac(group), senderMac, group, senderIp, 0, target, OPTION_SOURCE_LINK_LAYER_ADDRESS);
    }

    /**
     * The answer to a solicitation, to whoever asked; to all nodes if the one who asked has no address yet (section
     * 7.2.4).
     */
    static ByteBuffer advertisement(ByteBuffer solicitation, IpPacket asked, long ownMac, byte[] ownIp) {
        byte[] asker = asked.source(solicitation);
        if (ArpPacket.isUnspecified(asker)) {
            return packet(
                    ADVERTISEMENT,
                    allNodesMac(),
                    ownMac,
                    ALL_NODES,
                    ownIp,
                    FLAG_OVERRIDE,
                    ownIp,
                    OPTION_TARGET_LINK_LAYER_ADDRESS);
        }
        return packet(
                ADVERTISEMENT,
                EthernetHeader.source(solicitation),
                ownMac,
                asker,
                ownIp,
                FLAG_SOLICITED | FLAG_OVERRIDE,
                ownIp,
                OPTION_TARGET_LINK_LAYER_ADDRESS);
    }

    private static ByteBuffer packet(
            int type,
            long destinationMac,
            long ownMac,
            byte[] destination,
            byte[] ownIp,
            int flags,
            byte[] target,
            int option) {
        int icmpLength = MIN_LENGTH + OPTION_LENGTH;
        ByteBuffer frame = IpPacket.newFrame(
                IpVersion.IPV6, destinationMac, ownMac, destination, ownIp, IpPacket.MAX_HOP_LIMIT, icmpLength);
        IpPacket packet = IpPacket.written(IpVersion.IPV6, icmpLength);
        int icmp = packet.icmpOffset();
        frame.put(icmp, (byte) type);
        frame.putInt(icmp + 4, flags);
        frame.put(icmp + 8, target);
        frame.put(icmp + MIN_LENGTH, (byte) option);
        frame.put(icmp + MIN_LENGTH + 1, (byte) 1);
        EthernetHeader.putMac(frame, icmp + MIN_LENGTH + 2, ownMac);
        packet.writeChecksum(frame);
        return frame;
    }
}
