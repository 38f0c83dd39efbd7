package io.weft.gre;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.bridge.PortSettings;
import io.weft.offload.VirtioFrame;
import io.weft.port.DropReason;
import io.weft.tunnel.SuperFramePort;
import io.weft.underlay.MemoryDatagram;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any packets, raw and in UDP with any segment sizes, at sockets with several GRE ports: nothing throws, every packet is
 * counted, and no frame comes out of a port that none of a message's packets was for.
 *
 * <p>The input is a list of messages. Each begins with who sends it (two bits) and its length in bytes (14 bits), then its segment
 * size (16 bits) and its traffic class (8 bits), then the message. The length counts what there is of it; a segment size of
 * 0xffff stands for a raw packet, 0xfffe for one that came in fragments.
 *
 * <p>Which ports a message is for follows from its headers, read here by {@link ReferenceGre} alone.
 */
class GrePacketFuzzTest {
    private static final String US = "10.0.0.1";
    private static final List<String> SENDERS = List.of("10.0.0.2", "10.0.0.3", "10.0.0.4", US);
    private static final int RAW = 0xffff;
    private static final int FRAGMENTS = 0xfffe;
    private static final GreLab LAB = new GreLab();

    /** A port in a VLAN of its own. */
    private enum Place {
        PLAIN("mgretap", "keyless_is_zero=true", 0x6558, 0, List.of("10.0.0.2", "10.0.0.3")),
        KEYED("mgretap", "key=7&seq=true&clamp_mss=true", 0x6558, 7, List.of("10.0.0.2")),
        LEARNING(
                "mgretap",
                "key=8&learn_remotes=true&strict=true",
                0x6558,
                8,
                List.of("10.0.0.2", "10.0.0.3", "10.0.0.4")),
        SUMMED("gretap", "key=9&csum_required=true&fragments=true&inner_tags=discard", 0x6558, 9, List.of("10.0.0.3")),
        NVGRE("gretap", "nvgre=true&key=0x1000&inner_tags=discard", 0x6558, 0x1000, List.of("10.0.0.2")),
        IP("gre", "", 0x0800, -1, List.of("10.0.0.2")),
        KEYED_IP("gre", "key=7&clamp_mss=true", 0x0800, 7, List.of("10.0.0.3"));

        final String uri;
        final int type;
        final long key;
        final List<String> senders;
        final SuperFramePort out = new SuperFramePort("t" + name());

        Place(String scheme, String options, int type, long key, List<String> senders) {
            boolean learns = options.contains("learn");
            this.uri = scheme + ":%s?%s&" + options + (learns ? "" : "&remote_ip=" + String.join(",", senders));
            this.type = type;
            this.key = key;
            this.senders = senders;
        }

        boolean takes(ReferenceGre header, String from) {
            if (header.refusal() != null || !senders.contains(from)) {
                return false;
            }
            boolean sameKind = type == 0x6558
                    ? header.protocolType() == type
                    : header.protocolType() == 0x0800 || header.protocolType() == 0x86dd;
            return sameKind
                    && switch (this) {
                        case PLAIN -> header.key() <= 0;
                        case NVGRE -> header.key() >>> 8 == key && !header.hasChecksum() && header.sequence() < 0;
                        case SUMMED -> header.key() == key && header.hasChecksum();
                        default -> header.key() == key;
                    };
        }
    }

    private static GreSite site;

    @BeforeAll
    static void open() throws Exception {
        LAB.site("others", "10.0.0.2", "10.0.0.3", "10.0.0.4");
        site = LAB.site("1", US);
        for (Place place : Place.values()) {
            PortSettings vlan = GretapTest.access(place.ordinal() + 1);
            site.add(place.out.name(), place.out, vlan);
            site.gre(place.uri.formatted("raw" + place, ""), vlan);
            site.gre(place.uri.formatted("udp" + place, "udp=true"), vlan);
        }
    }

    @AfterAll
    static void close() {
        LAB.close();
    }

    @FuzzTest
    void shouldCountAllAndCrossNothing(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input);
        while (in.remaining() >= 5) {
            int first = in.getShort();
            int segmentSize = in.getShort() & 0xffff;
            int trafficClass = in.get() & 0xff;
            byte[] message = new byte[Math.min(first & 0x3fff, in.remaining())];
            in.get(message);
            receive(SENDERS.get(first >> 14 & 3), message, segmentSize, trafficClass);
        }
    }

    private void receive(String from, byte[] message, int segmentSize, int trafficClass) {
        long before = counted();
        boolean raw = segmentSize >= FRAGMENTS;
        int size = raw || segmentSize == 0 ? message.length : segmentSize;
        if (raw) {
            MemoryDatagram packet = GreLab.datagram(from, US, message).withTrafficClass(trafficClass);
            LAB.network.inject(segmentSize == FRAGMENTS ? packet.inFragments() : packet);
        } else {
            LAB.network.injectMessage(message, segmentSize, GreLab.peer(from, 5), GreLab.peer(US, GreLab.UDP_PORT));
        }
        LAB.settle();
        LAB.takeSent();
        site.messages.clear();
        int pieces = Math.max(1, (message.length + size - 1) / Math.max(1, size));
        // One that says that it is one frame may be one; and a super-frame stands for segments of a byte or more.
        assertThat(counted() - before).isBetween(1L, (long) Math.max(pieces, message.length));
        assertThat(site.lan.statistics().unaccounted()).isZero();
        for (Place place : Place.values()) {
            List<VirtioFrame> came = place.out.take();
            if (!came.isEmpty()) {
                assertThat(isFor(place, from, message, size))
                        .as("%s from %s", place, from)
                        .isTrue();
            }
        }
    }

    private static long counted() {
        long counted = site.refused();
        for (Place place : Place.values()) {
            counted += site.statistics("raw" + place).rxSegments()
                    + site.statistics("udp" + place).rxSegments();
        }
        return counted;
    }

    private static boolean isFor(Place place, String from, byte[] message, int size) {
        for (int at = 0; at < message.length; at += size) {
            byte[] packet = Arrays.copyOfRange(message, at, Math.min(message.length, at + Math.max(16, size)));
            if (place.takes(ReferenceGre.read(packet, false), from)) {
                return true;
            }
        }
        return false;
    }

    /** The drops that can be seen here stay a known set: a new one is to be thought about. */
    @AfterAll
    static void assertDropsAreKnown() {
        assertThat(site.lan.statistics().drops().keySet())
                .isSubsetOf(
                        DropReason.RUNT,
                        DropReason.INVALID_VLAN,
                        DropReason.VLAN_NOT_ALLOWED,
                        DropReason.UNKNOWN_REMOTE,
                        DropReason.INNER_TAG,
                        DropReason.ECN_NOT_CAPABLE,
                        DropReason.TUNNEL_CHECKSUM,
                        DropReason.TUNNEL_SEQUENCE,
                        DropReason.RX_TOO_LONG,
                        DropReason.MALFORMED,
                        DropReason.RESERVED_MULTICAST,
                        DropReason.SAME_PORT,
                        DropReason.LOOP_PROBE,
                        DropReason.NO_EGRESS,
                        DropReason.NO_REMOTE,
                        DropReason.REMOTE_DOWN,
                        DropReason.TOO_LONG,
                        DropReason.NOT_IP,
                        DropReason.NO_VNI,
                        DropReason.POOL_EMPTY);
    }
}
