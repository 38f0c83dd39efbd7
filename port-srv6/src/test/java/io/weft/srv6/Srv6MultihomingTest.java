package io.weft.srv6;

import static io.weft.tunnel.InnerFrames.frame;
import static io.weft.tunnel.TunnelLab.A;
import static io.weft.tunnel.TunnelLab.B;
import static io.weft.tunnel.TunnelLab.BROADCAST;
import static io.weft.tunnel.TunnelLab.C;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import io.weft.bridge.PortSettings;
import io.weft.frame.IpAddress;
import io.weft.port.DropReason;
import io.weft.port.InvalidPortException;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.RemoteEnd;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments that several switches have a port to: what is flooded says which it is from (Arg.FE2; RFC 8986, 4.12). */
class Srv6MultihomingTest {
    private Srv6Lab lab;

    @AfterEach
    void assertAllIsAccountedFor() {
        lab.close();
    }

    private static PortSettings group(int number) {
        return PortSettings.builder().splitHorizonGroup(number).build();
    }

    private static String own(int number) {
        return "srv6:s?mode=bridge&encap=red&local_ip=fc00:" + number + "::1&sid=fc00:" + number
                + ":0:d2:: End.DT2U&sid=fc00:" + number + ":0:d3::/112 End.DT2M arglen 16";
    }

    private static String remote(int number) {
        return "&remote=fc00:" + number + "::1 segs fc00:" + number + ":0:d2:: bum fc00:" + number
                + ":0:d3::/112 arglen 16";
    }

    private List<String> ways() {
        return lab.takeSent().stream()
                .map(sent ->
                        sent.from().address().split(":")[1] + ">" + sent.to().address())
                .toList();
    }

    /** Switches 1 and 2 have ports of group 5 to the same segment, and others of no group; 3 knows both, and they each other. */
    private void multihomed() throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(1).memory("shared", group(5)).memory("h").srv6(own(1) + remote(2) + remote(3));
        lab.site(2).memory("shared", group(5)).memory("h").srv6(own(2) + remote(1) + remote(3));
        lab.site(3).memory("h").srv6(own(3) + remote(1) + remote(2));
        lab.takeSent();
    }

    @Test
    void shouldNotGetASegmentsBroadcastsBackByTheOtherSwitch() throws Exception {
        multihomed();
        byte[] broadcast = frame(BROADCAST, A);
        lab.site(1).send("shared", broadcast);
        assertThat(ways()).containsExactly("1>fc00:2:0:d3::5", "1>fc00:3:0:d3::5");
        assertThat(lab.site(2).take("shared")).isEmpty();
        assertThat(lab.site(2).take("h")).containsExactly(broadcast);
        assertThat(lab.site(3).take("h")).containsExactly(broadcast);
        assertThat(lab.site(1).take("h")).containsExactly(broadcast);
        byte[] other = frame(BROADCAST, B, 1_400, 1);
        lab.site(1).send("h", other); // of no group
        assertThat(ways()).containsExactly("1>fc00:2:0:d3::", "1>fc00:3:0:d3::");
        assertThat(lab.site(2).take("shared")).containsExactly(other);
        lab.site(1).take("shared");
        byte[] third = frame(BROADCAST, C);
        lab.site(3).send("h", third);
        assertThat(ways()).containsExactly("3>fc00:1:0:d3::", "3>fc00:2:0:d3::");
        assertThat(lab.site(1).take("shared")).containsExactly(third);
        assertThat(lab.site(2).take("shared")).containsExactly(third);
    }

    @Test
    void shouldSendFramesToKnownStationsWithoutAnArgument() throws Exception {
        multihomed();
        lab.site(3).send("h", frame(BROADCAST, C));
        lab.site(2).send("h", frame(BROADCAST, B));
        ways();
        lab.site(1).take("shared");
        byte[] unicast = frame(C, A);
        byte[] unknown = frame("02:00:00:00:00:77", A);
        lab.site(1).send("shared", unicast, unknown, frame(B, A), frame(BROADCAST, A));
        assertThat(ways())
                .containsExactly(
                        "1>fc00:3:0:d2::",
                        "1>fc00:2:0:d3::5",
                        "1>fc00:3:0:d3::5",
                        "1>fc00:2:0:d2::",
                        "1>fc00:2:0:d3::5",
                        "1>fc00:3:0:d3::5");
        assertThat(lab.site(3).take("h")).contains(unicast, unknown);
        byte[] back = frame(A, C);
        lab.site(3).send("h", back);
        assertThat(ways()).containsExactly("3>fc00:1:0:d2::");
        assertThat(lab.site(1).take("shared")).containsExactly(back);
    }

    /** What one remote end is told is not what the next one is; a frame of a group and one of none leave in one burst. */
    @Test
    void shouldTellEachRemoteEndWhatItWantsToHear() throws Exception {
        lab = Srv6Lab.of(4);
        Srv6Site site =
                lab.site(1).memory("a", group(5)).memory("b", group(70_000)).memory("c");
        site.srv6("srv6:s?mode=bridge&encap=red&local_ip=fc00:1::1"
                + "&remote=fc00:2::1 bum fc00:2:0:d3::/64 arglen 24 arg 5=1048577 arg 70000=1"
                + "&remote=fc00:3::1 bum fc00:3:0:d3:: arglen 16"
                + "&remote=fc00:4::1 bum fc00:4:0:d3::"
                + "&remote=fc00:9::ffff bum fc00:9:0:d3:: arglen 16 arg 5=0 arg 70000=65535");
        lab.takeSent();
        site.enqueue("a", frame(BROADCAST, A));
        site.send("c", frame(BROADCAST, B));
        site.send("b", frame(BROADCAST, C));
        assertThat(ways())
                .containsExactlyInAnyOrder(
                        "1>fc00:2:0:d3:1000:100::",
                        "1>fc00:3:0:d3::5",
                        "1>fc00:4:0:d3::",
                        "1>fc00:9:0:d3::",
                        "1>fc00:2:0:d3::",
                        "1>fc00:3:0:d3::",
                        "1>fc00:4:0:d3::",
                        "1>fc00:9:0:d3::",
                        "1>fc00:2:0:d3:0:100::",
                        "1>fc00:3:0:d3::", // 70000 has no room
                        "1>fc00:4:0:d3::",
                        "1>fc00:9:0:d3::ffff");
    }

    @Test
    void shouldHeedWhatIsSaidOfPortsAndRemoteEndsLater() throws Exception {
        multihomed();
        Srv6Site site = lab.site(1);
        site.lan.port("shared").change(settings -> settings.splitHorizonGroup(6));
        site.port("s")
                .setSegments(
                        site.remote("s", "fc00:2::1"),
                        RemoteSegments.parse("fc00:2::1 bum fc00:2:0:d3::/96 arglen 32 arg 6=5"));
        site.port("s").removeRemote(site.remote("s", "fc00:3::1"));
        site.port("s").addRemote(RemoteSegments.parse("fc00:3::1 bum fc00:3:0:d3:: arglen 3"));
        site.send("shared", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("1>fc00:2:0:d3::5", "1>fc00:3:0:d3::6");
        site.srv6("srv6:wire?mode=l2&local_ip=fc00:1::d7&remote_ip=fc00:2::d7");
        RemoteSegments withArguments = RemoteSegments.parse("fc00:2::d7 bum fc00:2:: arglen 16");
        RemoteEnd end = site.remote("wire", "fc00:2::d7");
        assertThatThrownBy(() -> site.port("wire").setSegments(end, withArguments))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("accepted: arglen only with mode=bridge");
        site.remove("wire");
    }

    /** A hub between two switches of a segment keeps what the one said for the other. */
    @Test
    void shouldRelayAsAHubWhatItWasTold() throws Exception {
        lab = Srv6Lab.of(3);
        lab.site(1)
                .memory("h")
                .srv6(
                        own(1) + remote(2) + remote(3),
                        PortSettings.builder().hairpin(true).build());
        for (int i = 2; i <= 3; i++) {
            lab.site(i).memory("shared", group(5)).memory("h").srv6(own(i) + remote(1));
        }
        lab.takeSent();
        lab.site(2).send("shared", frame(BROADCAST, A));
        assertThat(ways()).containsExactly("2>fc00:1:0:d3::5", "1>fc00:3:0:d3::5");
        assertThat(lab.site(3).take("shared")).isEmpty();
        assertThat(lab.site(3).take("h")).hasSize(1);
        lab.site(3).send("h", frame(BROADCAST, C));
        ways();
        lab.inject(Outer.to("fc00:2::1", "fc00:1:0:d3::5").ethernet(frame(C, A))); // flooded there, and known here
        assertThat(ways()).containsExactly("2>fc00:1:0:d3::5", "1>fc00:3:0:d2::");
    }

    /** No group has such a number: nothing is left out. */
    @Test
    void shouldNotTakeALongArgumentForAShortOne() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Site site = lab.site(1).memory("shared", group(5));
        site.srv6("srv6:s?mode=bridge&local_ip=fc00:1::1&remote_ip=fc00:2::1&sid=fc00:1:0:d3::/64 End.DT2M arglen 64");
        for (String argument : List.of("0:0:0:5", "0:1:0:5", "0:0:8000:5", "8000:0:0:5")) {
            lab.inject(Outer.to("fc00:2::1", "fc00:1:0:d3:" + argument).ethernet(frame(BROADCAST, B)));
            assertThat(site.take("shared")).as(argument).hasSize(argument.equals("0:0:0:5") ? 0 : 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fc00:2::1 bum fc00:2:0:d3:: arglen 16, fc00:2::1 segs fc00:2::1 bum fc00:2:0:d3::/112 arglen 16",
        "fc00:2::1 bum fc00:2:0:d3::/64 arglen 16 arg 8=9 arg 5=6, fc00:2::1 segs fc00:2::1 bum fc00:2:0:d3::/64 arglen 16 arg 5=6 arg 8=9",
        "fc00:2::1 arg 5=18446744073709551615 arglen 64 bum fc00:2::, fc00:2::1 segs fc00:2::1 bum fc00:2::/64 arglen 64 arg 5=18446744073709551615",
        "fc00:2:: bum fc00:2:: arglen 16, fc00:2:: segs fc00:2:: bum fc00:2::/112 arglen 16",
    })
    void shouldReadTheWordsInAnyOrderAndWriteThemInOne(String words, String written) {
        lab = Srv6Lab.of(1);
        RemoteSegments read = RemoteSegments.parse(words);
        assertThat(read).hasToString(written).isEqualTo(RemoteSegments.parse(written));
        assertThat(read).hasSameHashCodeAs(RemoteSegments.parse(written));
        FloodArguments arguments = read.arguments();
        assertThat(arguments)
                .isNotEqualTo(FloodArguments.NONE)
                .isNotEqualTo(arguments.with(77, 1))
                .isNotEqualTo(FloodArguments.at(arguments.sidLength() - 1, arguments.length()));
        assertThat(arguments.with(77, 1).with(66, 0))
                .isEqualTo(arguments.with(66, 0).with(77, 1))
                .isNotEqualTo(arguments.with(66, 1).with(77, 1));
        assertThatThrownBy(() -> arguments.with(77, 1).with(77, 2))
                .hasMessage("group 77 has two arguments; accepted: one");
        assertThatThrownBy(() -> new RemoteSegments(
                        read.remote(),
                        read.unicast(),
                        SegmentPath.of(SegmentList.parse("fc00:9::1,fc00:2::8000:0")),
                        FloodArguments.at(96, 16)))
                .hasMessage(
                        "the last segment of bum is fc00:2::8000:0/96; accepted: fc00:2::/96, or a longer prefix: the"
                                + " bits behind it are the argument's, and arglen is 16");
    }

    // ---- on the wire ----

    /** The last segment, wherever the headers have it, has the argument; all of the packet, but for a digest. */
    @ParameterizedTest
    @CsvSource({
        "full, fc00:2:0:d3::,                      /112 arglen 16,          fc00:2:0:d3::5",
        "red,  fc00:2:0:d3::,                      /112 arglen 16,          fc00:2:0:d3::5",
        "red,  fc00:2:0:d3::,                      ' arglen 16',            fc00:2:0:d3::5",
        "full, 'fc00:9::e,fc00:2:0:d3::',          /64 arglen 16,           fc00:2:0:d3:5::",
        "red,  'fc00:9::e,fc00:2:0:d3::',          /64 arglen 16,           fc00:2:0:d3:5::",
        "full, 'fc00:9::e,fc00:9::f,fc00:2:0:d3::', /64 arglen 64,          fc00:2:0:d3::5",
        "red,  'fc00:9::e,fc00:9::f,fc00:2:7::', /48 arglen 24,            fc00:2:7:0:500::",
        "red,  fc00:2:0:d300::,                      /56 arglen 64 arg 5=18446744073709551615, fc00:2:0:d3ff:ffff:ffff:ffff:ff00",
        "red,  fc00:2::,                           /44 arglen 64 arg 5=81985529216486895, fc00:2:0:1234:5678:9abc:def0:0",
        "red,  fc00:2::,                           /47 arglen 9 arg 5=257,  fc00:2:1:100::",
        "full, fc00:2:a1:d3::,                     /64 arglen 16,           fc00:2:a1:d3:5::", // NEXT-C-SID
        "full, 'fc00:9::5,fc00:9::',               /112 arglen 16,          fc00:9::5",
    })
    void shouldWriteTheArgumentIntoTheLastSegment(String encap, String list, String words, String last)
            throws Exception {
        for (String hmac : List.of("", "&hmac_key=7 sha256 swordfish&hmac=7")) {
            lab = Srv6Lab.of(2);
            Srv6Site site = lab.site(1).memory("a", group(5)).memory("b");
            site.srv6("srv6:s?mode=bridge&local_ip=fc00:1::1&encap=" + encap + "&remote=fc00:2::1 bum " + list
                    + (words.startsWith("/") ? "" : " ") + words.strip() + hmac);
            lab.takeSent();
            String[] segments = list.split(",");
            for (String port : List.of("a", "b", "a")) {
                segments[segments.length - 1] = port.equals("a") ? last : list.substring(list.lastIndexOf(',') + 1);
                byte[] frame = frame(BROADCAST, A, 61, 7);
                site.send(port, frame);
                List<byte[]> sent = lab.takePackets();
                assertThat(sent).hasSize(1);
                boolean isReduced = encap.equals("red") && (hmac.isEmpty() || segments.length > 1);
                byte[] expected = (isReduced ? Outer.reduced("fc00:1::1", segments) : Outer.full("fc00:1::1", segments))
                        .ethernet(frame);
                assertThat(sent.get(0)).isEqualTo(hmac.isEmpty() ? expected : signed(expected, isReduced));
            }
            if (hmac.isEmpty()) {
                lab.close();
            }
        }
    }

    /** The packet with the TLV of RFC 8754, 2.1.2 behind its segments; the digest by the JDK's HMAC. */
    private static byte[] signed(byte[] packet, boolean isReduced) throws Exception {
        int end = 48 + 8 * (packet[41] & 0xff);
        byte[] with = new byte[packet.length + 40];
        System.arraycopy(packet, 0, with, 0, end);
        System.arraycopy(packet, end, with, end + 40, packet.length - end);
        with[41] += 5;
        int payload = with.length - 40;
        with[4] = (byte) (payload >> 8);
        with[5] = (byte) payload;
        byte[] tlv = {5, 38, (byte) (isReduced ? 0x80 : 0), 0, 0, 0, 0, 7};
        System.arraycopy(tlv, 0, with, end, 8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("swordfish".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update(with, 8, 16);
        mac.update(new byte[] {with[44], with[45], 0, 0, 0, 7});
        mac.update(with, 48, end - 48);
        System.arraycopy(mac.doFinal(), 0, with, end + 8, 32);
        return with;
    }

    @Test
    void shouldBeUnderstoodBehindADigestAndInAContainer() throws Exception {
        String keys = "&hmac_key=7 sha256 swordfish&hmac=7&hmac_required=true";
        lab = Srv6Lab.of(2);
        lab.site(2)
                .memory("shared", group(5))
                .memory("h")
                .srv6("srv6:s?mode=bridge&local_ip=fc00:2::1&remote_ip=fc00:1::1&sid=fc00:2:a1::/48 uN"
                        + "&sid=fc00:2:d3::/48 uDT2M arglen 16" + keys);
        for (String encap : List.of("full", "red")) {
            Srv6Site site = lab.site(1).memory("shared", group(5)).memory("h");
            site.srv6("srv6:s?mode=bridge&local_ip=fc00:1::1&encap=" + encap
                    + "&remote=fc00:2::1 bum fc00:2:a1:d3::/64 arglen 16" + keys);
            site.send("shared", frame(BROADCAST, A));
            assertThat(lab.site(2).take("shared")).isEmpty();
            assertThat(lab.site(2).take("h")).hasSize(1);
            site.send("h", frame(BROADCAST, A));
            assertThat(lab.site(2).take("shared")).hasSize(1);
            assertThat(lab.site(2).take("h")).hasSize(1);
            assertThat(lab.site(2).refused()).isZero();
            site.remove("s");
            site.remove("shared");
            site.remove("h");
        }
    }

    // ---- errors about packets with an argument ----

    @Test
    void shouldKnowWhoseAnErrorIsThatAPacketWithAnArgumentMet() throws Exception {
        multihomed();
        RemoteEnd second = lab.site(1).remote("s", "fc00:2::1");
        RemoteEnd third = lab.site(1).remote("s", "fc00:3::1");
        int before = lab.site(1).port("s").effectiveMtu();
        lab.network.pathMtu(Srv6Lab.address("fc00:1::1"), Srv6Lab.address("fc00:2:0:d3::5"), 1_300);
        lab.site(1).host.forgeTooBig(Srv6Lab.peer("fc00:2:0:d3::5", 0), 1_300);
        lab.settle();
        assertThat(second.pathMtu()).isEqualTo(1_300);
        assertThat(lab.site(1).port("s").effectiveMtu()).isEqualTo(before - 200);
        lab.site(1).host.forgeUnreachable(Srv6Lab.peer("fc00:2:0:d3:1::5", 0)); // which is nobody's
        lab.settle();
        assertThat(second.state()).isEqualTo(RemoteEnd.State.UP);
        lab.site(1).host.forgeUnreachable(Srv6Lab.peer("fc00:2:0:d3::5", 0));
        lab.settle();
        assertThat(second.state()).isEqualTo(RemoteEnd.State.UNREACHABLE);
        assertThat(third.state()).isEqualTo(RemoteEnd.State.UP);
    }

    /** The answer is flooded where nothing is learned, and made of a frame that was not to go where the answer is to go. */
    @Test
    void shouldAnswerIntoTheSegmentThatATooLongFrameIsFrom() throws Exception {
        lab = Srv6Lab.of(2);
        Srv6Site site = lab.site(1)
                .memory(
                        "shared",
                        PortSettings.builder()
                                .splitHorizonGroup(5)
                                .learning(false)
                                .build());
        site.srv6(own(1) + remote(2) + "&icmp_too_big");
        site.send("shared", InnerFrames.udp(1_450).bytes());
        assertThat(site.dropped("s", DropReason.TOO_LONG)).isEqualTo(1);
        assertThat(site.take("shared")).hasSize(1);
    }

    // ---- many of them ----

    /**
     * Sites with ports to some of the segments that there are; each site has numbers of its own for them, and a SID with its argument
     * somewhere. A broadcast comes out of all ports but those to the segment that it is from.
     */
    @Test
    void shouldFloodToAllSegmentsButTheFramesOwn() throws Exception {
        SplittableRandom random = TestSeed.random("Srv6MultihomingTest segments");
        for (int round = 0; round < 30 * TestSeed.effort(); round++) {
            int sites = 2 + random.nextInt(4);
            int segments = 1 + random.nextInt(5);
            int[] argumentLengths = new int[sites];
            int[] sidLengths = new int[sites];
            int[][] groups = new int[sites][segments]; // 0: no port there
            boolean agreed = random.nextInt(3) == 0; // on numbers
            for (int site = 0; site < sites; site++) {
                argumentLengths[site] = 3 + random.nextInt(62);
                sidLengths[site] = 64 + random.nextInt(128 - 64 - argumentLengths[site] + 1);
                List<Integer> numbers =
                        new ArrayList<>(IntStream.rangeClosed(1, 7).boxed().toList());
                Collections.shuffle(numbers, new Random(random.nextLong()));
                for (int segment = 0; segment < segments; segment++) {
                    boolean isThere = random.nextInt(3) > 0;
                    groups[site][segment] = !isThere ? 0 : agreed ? segment + 1 : numbers.get(segment);
                }
            }
            lab = Srv6Lab.of(sites);
            for (int site = 0; site < sites; site++) {
                lab.site(site + 1).memory("plain");
                for (int segment = 0; segment < segments; segment++) {
                    if (groups[site][segment] > 0) {
                        lab.site(site + 1).memory("to" + segment, group(groups[site][segment]));
                    }
                }
                StringBuilder uri = new StringBuilder("srv6:s?mode=bridge&encap="
                        + (random.nextBoolean() ? "full" : "red")
                        + "&local_ip=fc00:" + (site + 1) + "::1&sid=fc00:" + (site + 1) + ":0:e:: End&sid=fc00:"
                        + (site + 1) + ":0:d3::/" + sidLengths[site] + " End.DT2M arglen " + argumentLengths[site]);
                for (int other = 0; other < sites; other++) {
                    if (other != site) {
                        uri.append("&remote=fc00:" + (other + 1) + "::1 bum "
                                + (random.nextBoolean() ? "fc00:" + (other + 1) + ":0:e::," : "") + "fc00:"
                                + (other + 1) + ":0:d3::/" + sidLengths[other] + " arglen " + argumentLengths[other]);
                        for (int segment = 0; segment < segments && !agreed; segment++) {
                            if (groups[site][segment] > 0) {
                                uri.append(" arg " + groups[site][segment] + "=" + groups[other][segment]);
                            }
                        }
                    }
                }
                lab.site(site + 1).srv6(uri.toString());
            }
            for (int n = 0; n < 20; n++) {
                int from = random.nextInt(sites);
                int segment = random.nextInt(segments);
                boolean isPlain = groups[from][segment] == 0;
                byte[] broadcast = frame(BROADCAST, A, 60 + random.nextInt(1_300), n);
                lab.site(from + 1).send(isPlain ? "plain" : "to" + segment, broadcast);
                for (int site = 0; site < sites; site++) {
                    String what = Arrays.deepToString(groups) + " from " + from + " segment " + segment + " at " + site;
                    assertThat(lab.site(site + 1).take("plain")).as(what).hasSize(isPlain && site == from ? 0 : 1);
                    for (int to = 0; to < segments; to++) {
                        if (groups[site][to] > 0) {
                            assertThat(lab.site(site + 1).take("to" + to))
                                    .as(what + " to " + to)
                                    .hasSize(!isPlain && to == segment ? 0 : 1);
                        }
                    }
                }
            }
            lab.close();
        }
        lab = Srv6Lab.of(1);
    }

    /** Where the argument is written is where a SID with the same words reads it. */
    @Test
    void shouldBeReadWhereItIsWritten() throws Exception {
        lab = Srv6Lab.of(1);
        SplittableRandom random = TestSeed.random("Srv6MultihomingTest places");
        for (int i = 0; i < 2_000 * TestSeed.effort(); i++) {
            int length = 1 + random.nextInt(64);
            int sidLength = 16 + random.nextInt(128 - length - 16 + 1);
            long argument = random.nextLong() >>> 64 - length;
            FloodArguments arguments = FloodArguments.at(sidLength, length).with(3, argument);
            long high = arguments.high(argument);
            long low = arguments.low(argument);
            BigInteger expected = new BigInteger(Long.toUnsignedString(argument)).shiftLeft(128 - sidLength - length);
            assertThat(IpAddress.formatIpv6(high, low))
                    .isEqualTo(IpAddress.formatIpv6(expected.shiftRight(64).longValue(), expected.longValue()));
            assertThat(arguments.of(3)).isEqualTo(argument);
            assertThat(arguments.sidHigh(0xfc00L << 48 | high)).isEqualTo(0xfc00L << 48);
            assertThat(arguments.sidLow(low)).isZero();
        }
    }
}
