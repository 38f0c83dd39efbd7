package io.weft.underlay;

import io.weft.frame.IpPrefix;
import io.weft.nativeio.LibC;
import io.weft.nativeio.NativeMemory;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;

/**
 * A program of the classic packet filter (SO_ATTACH_FILTER in socket(7)) that passes packets by their IP source, or by the prefixes of
 * their IPv6 destination, so that the kernel copies nothing of the others, and wakes nobody.
 *
 * <p>The address is loaded once, relative to the network header, wherever the socket's data begins; of IPv6 its four words
 * wait in the program's memory. Then address follows address, the last word first, which differs most. A jump reaches 255
 * instructions at most, so each IPv6 address, or prefix, has its own way out.
 *
 * <p>Threads: immutable.
 */
final class PacketFilter {
    /** Most addresses; with more, everything passes. */
    static final int MOST_SOURCES = 64;

    static final int INSTRUCTION_LENGTH = 8; // struct sock_filter: code, two jumps, operand
    private static final int JUMP_TRUE = 2;
    private static final int JUMP_FALSE = 3;
    private static final int OPERAND = 4;

    /** The accumulator becomes a word of the packet. */
    static final int LOAD = 0x20;

    /** The accumulator becomes a word of the program's memory. */
    static final int RECALL = 0x60;

    /** The accumulator goes into the program's memory. */
    static final int STORE = 0x02;

    /** Of the accumulator those bits remain that the operand has too. */
    static final int AND = 0x54;

    /** Jumps on whether the accumulator is the operand. */
    static final int JUMP_IF_EQUAL = 0x15;

    /** Ends; so many bytes of the packet pass. */
    static final int RETURN = 0x06;

    /** What is loaded from here on is relative to the network header (SKF_NET_OFF). */
    static final int NETWORK_HEADER = -0x10_0000;

    /** Loads what kind of packet it is (SKF_AD_PKTTYPE): to this machine, to a group, to another machine, sent by this one. */
    static final int PACKET_TYPE = -0x1000 + 4;

    private static final int TO_THIS_MACHINE = 0; // PACKET_HOST
    private static final int ALL_BYTES = -1;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;
    private static final int IPV6_WORDS = 4;

    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_DETACH_FILTER = 27;
    private static final int PROGRAM_LENGTH = 16; // struct sock_fprog: number of instructions, their address
    private static final int PROGRAM_INSTRUCTIONS = 8;

    private final NativeMemory memory;
    private int size;

    private PacketFilter(int instructions) {
        memory = new NativeMemory(instructions * INSTRUCTION_LENGTH);
    }

    /**
     * One that passes what comes from some addresses.
     *
     * @param sources ports and those of the other family left aside; none for nothing
     * @return {@code null} when there are too many
     */
    static PacketFilter of(Collection<UnderlayPeer> sources, boolean ipv6) {
        List<UnderlayPeer> addresses = sources.stream()
                .filter(source -> source.isIpv4() != ipv6)
                .map(source -> new UnderlayPeer(source.high(), source.low(), 0, 0))
                .distinct()
                .toList();
        if (addresses.size() > MOST_SOURCES) {
            return null;
        }
        return ipv6 ? ofIpv6(addresses) : ofIpv4(addresses);
    }

    private static PacketFilter ofIpv4(List<UnderlayPeer> addresses) {
        int count = addresses.size();
        PacketFilter filter = new PacketFilter(count + 3);
        filter.add(LOAD, 0, 0, NETWORK_HEADER + IPV4_SOURCE);
        for (int i = 0; i < count; i++) {
            filter.add(JUMP_IF_EQUAL, count - i, 0, (int) addresses.get(i).low());
        }
        filter.add(RETURN, 0, 0, 0);
        filter.add(RETURN, 0, 0, ALL_BYTES);
        return filter;
    }

    private static PacketFilter ofIpv6(List<UnderlayPeer> addresses) {
        PacketFilter filter = new PacketFilter(2 * IPV6_WORDS + addresses.size() * (2 * IPV6_WORDS + 1) + 1);
        filter.remember(IPV6_SOURCE);
        for (UnderlayPeer address : addresses) {
            for (int word = IPV6_WORDS - 1; word >= 0; word--) {
                filter.add(RECALL, 0, 0, word);
                filter.add(JUMP_IF_EQUAL, 0, 2 * word + 1, word(address.high(), address.low(), word));
            }
            filter.add(RETURN, 0, 0, ALL_BYTES);
        }
        filter.add(RETURN, 0, 0, 0);
        return filter;
    }

    /**
     * One that passes what a link says is for this machine (a promiscuous interface shows others' too) and goes to an address with one
     * of some prefixes.
     *
     * @param destinations of IPv6; none for nothing
     */
    static PacketFilter to(Collection<IpPrefix> destinations) {
        PacketFilter filter = new PacketFilter(3 + 2 * IPV6_WORDS + destinations.size() * (2 * IPV6_WORDS + 2) + 1);
        filter.add(LOAD, 0, 0, PACKET_TYPE);
        filter.add(JUMP_IF_EQUAL, 1, 0, TO_THIS_MACHINE);
        filter.add(RETURN, 0, 0, 0);
        filter.remember(IPV6_DESTINATION);
        for (IpPrefix prefix : destinations) {
            filter.addPrefix(prefix);
        }
        filter.add(RETURN, 0, 0, 0);
        return filter;
    }

    /** The last word first, of which there may be some bits only. */
    private void addPrefix(IpPrefix prefix) {
        int words = (prefix.length() + 31) / 32;
        int bitsOfLast = prefix.length() % 32;
        for (int word = words - 1; word >= 0; word--) {
            add(RECALL, 0, 0, word);
            if (word == words - 1 && bitsOfLast != 0) {
                add(AND, 0, 0, -1 << 32 - bitsOfLast);
            }
            add(JUMP_IF_EQUAL, 0, 2 * word + 1, word(prefix.high(), prefix.low(), word));
        }
        add(RETURN, 0, 0, ALL_BYTES);
    }

    /** Loads an IPv6 address of the header. */
    private void remember(int offset) {
        for (int word = 0; word < IPV6_WORDS; word++) {
            add(LOAD, 0, 0, NETWORK_HEADER + offset + 4 * word);
            add(STORE, 0, 0, word);
        }
    }

    private static int word(long high, long low, int word) {
        long half = word < IPV6_WORDS / 2 ? high : low;
        return (int) (word % 2 == 0 ? half >>> 32 : half);
    }

    private void add(int code, int ifTrue, int ifFalse, int operand) {
        int at = size * INSTRUCTION_LENGTH;
        memory.bytes().putShort(at, (short) code);
        memory.bytes().put(at + JUMP_TRUE, (byte) ifTrue).put(at + JUMP_FALSE, (byte) ifFalse);
        memory.bytes().putInt(at + OPERAND, operand);
        size++;
    }

    /** Its instructions. */
    ByteBuffer bytes() {
        return memory.bytes();
    }

    /** Takes the place of a socket's filter; returns whether the kernel has taken it. */
    boolean attach(SocketDescriptor socket) {
        NativeMemory program = new NativeMemory(PROGRAM_LENGTH);
        program.bytes().putShort(0, (short) size).putLong(PROGRAM_INSTRUCTIONS, memory.address());
        try {
            return socket.takes(LibC.SOL_SOCKET, SO_ATTACH_FILTER, program, PROGRAM_LENGTH);
        } finally {
            Reference.reachabilityFence(memory); // the kernel has copied it now
        }
    }

    /** Takes a socket's filter away, if it has one: all passes. */
    static void detach(SocketDescriptor socket) {
        socket.takes(LibC.SOL_SOCKET, SO_DETACH_FILTER, new NativeMemory(4), 4);
    }
}
