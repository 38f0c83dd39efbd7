package io.weft.examples.hosts.memory;

import static io.weft.examples.hosts.memory.LinuxFrames.bytes;
import static io.weft.examples.hosts.memory.LinuxFrames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.examples.hosts.HostAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a host without a plan sends for each frame that it gets. */
class MemoryHostAnswersTest {
    private final List<String> sent = new ArrayList<>();
    private final MemoryHost host = host(LinuxFrames.OUR_ADDRESS);

    private MemoryHost host(HostAddress address) {
        return new MemoryHost(address, Optional.empty(), answer -> sent.add(LinuxFrames.hex(answer)));
    }

    @BeforeEach
    void start() {
        host.start((self, event) -> {});
    }

    @Test
    void shouldAnswerAnArpRequest() {
        host.receive(frame(LinuxFrames.ARP_REQUEST), 0);

        assertThat(sent)
                .containsExactly("525400000002" + "525400000001" + "0806" + "0001080006040002" + "525400000001"
                        + "0a000001" + "525400000002" + "0a000002");
    }

    @Test
    void shouldAnswerAnArpProbeOfOneWithoutAnAddress() {
        byte[] probe = bytes(LinuxFrames.ARP_REQUEST);
        Arrays.fill(probe, 28, 32, (byte) 0);

        host.receive(ByteBuffer.wrap(probe), 0);

        assertThat(sent)
                .containsExactly("525400000002" + "525400000001" + "0806" + "0001080006040002" + "525400000001"
                        + "0a000001" + "525400000002" + "00000000");
    }

    @Test
    void shouldAnswerANeighborSolicitation() {
        host.receive(frame(LinuxFrames.NEIGHBOR_SOLICITATION), 0);

        assertThat(sent)
                .containsExactly("525400000002" + "525400000001" + "86dd"
                        + "6000000000203aff"
                        + "fd000000000000000000000000000001"
                        + "fd000000000000000000000000000002"
                        + "8800" + "cc47" + "60000000" + "fd000000000000000000000000000001" + "0201525400000001");
    }

    @Test
    void shouldTellAllNodesThatAnAddressIsTakenWhenSomeoneProbesForIt() {
        MemoryHost taken = host(new HostAddress("taken", "52:54:00:00:00:09", "10.0.0.2/24", "fd00::2/64"));
        taken.start((self, event) -> {});

        taken.receive(frame(LinuxFrames.SOLICITATION_FOR_DAD), 0);

        assertThat(sent).hasSize(1);
        assertThat(sent.get(0))
                .startsWith("333300000001" + "525400000009" + "86dd" + "6000000000203aff"
                        + "fd000000000000000000000000000002" + "ff020000000000000000000000000001" + "8800")
                .endsWith("20000000" + "fd000000000000000000000000000002" + "0201525400000009");
        assertThat(IpPacket.readIpv6(frame(sent.get(0)))).as("checksum").isNotNull();
    }

    @Test
    void shouldAnswerAnEchoRequestOverIpv4() {
        host.receive(frame(LinuxFrames.ECHO_REQUEST), 0);

        assertThat(sent)
                .containsExactly("525400000002" + "525400000001" + "0800"
                        + "4500002c00000000400166cf0a0000010a000002"
                        + "0000be6c5e4f0001" + "9789026b00000000454e040000000000");
    }

    @Test
    void shouldAnswerAnEchoRequestOverIpv6() {
        host.receive(frame(LinuxFrames.ECHO_REQUEST_V6), 0);

        assertThat(sent)
                .containsExactly("525400000002" + "525400000001" + "86dd"
                        + "6000000000183a40"
                        + "fd000000000000000000000000000001"
                        + "fd000000000000000000000000000002"
                        + "81005ff65e500001" + "9789026b00000000286c040000000000");
    }

    @Test
    void shouldReadAFrameWhereverItIsInItsBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(300);
        buffer.position(7).put(bytes(LinuxFrames.ECHO_REQUEST));
        buffer.flip().position(7);

        host.receive(buffer.asReadOnlyBuffer(), 0);
        host.receive(frame(LinuxFrames.ECHO_REQUEST), 0);

        assertThat(sent).hasSize(2);
        assertThat(sent.get(0)).isEqualTo(sent.get(1));
        assertThat(buffer.position()).isEqualTo(7);
    }

    @Test
    void shouldNotTakePaddingForData() {
        host.receive(frame(LinuxFrames.ECHO_REQUEST), 0);
        host.receive(frame(LinuxFrames.ECHO_REQUEST + "ff".repeat(30)), 0);

        assertThat(sent.get(1)).isEqualTo(sent.get(0));
    }

    @Test
    void shouldIgnoreEveryTruncationOfEveryFrame() {
        LinuxFrames.ANSWERED.forEach((what, hex) -> {
            byte[] whole = bytes(hex);
            for (int length = 0; length < whole.length; length++) {
                long ignoredBefore = host.ignoredFrames();

                host.receive(ByteBuffer.wrap(whole, 0, length), 0);

                assertThat(sent).as("%s cut to %d bytes", what, length).isEmpty();
                assertThat(host.ignoredFrames()).isEqualTo(ignoredBefore + 1);
            }
        });
    }

    @Test
    void shouldIgnoreAPacketWithAnyBitWrongThatAChecksumCovers() {
        for (String hex : List.of(LinuxFrames.ECHO_REQUEST, LinuxFrames.ECHO_REQUEST_V6)) {
            byte[] whole = bytes(hex);
            boolean ipv4 = whole[12] == 0x08;
            for (int i = 14; i < whole.length; i++) {
                boolean covered = ipv4 || i >= 22; // IPv6 leaves version, class, label and hop limit uncovered
                for (int bit = 0; covered && bit < 8; bit++) {
                    byte[] wrong = whole.clone();
                    wrong[i] ^= (byte) (1 << bit);

                    host.receive(ByteBuffer.wrap(wrong), 0);

                    assertThat(sent).as("byte %d, bit %d of %s", i, bit, hex).isEmpty();
                }
            }
        }
        byte[] solicitation = bytes(LinuxFrames.NEIGHBOR_SOLICITATION);
        solicitation[solicitation.length - 1] ^= 1;
        host.receive(ByteBuffer.wrap(solicitation), 0);
        assertThat(sent).isEmpty();
    }

    @Test
    void shouldIgnoreFragments() {
        byte[] fragment = bytes(LinuxFrames.ECHO_REQUEST);
        fragment[20] = 0x20; // more fragments
        ByteBuffer frame = ByteBuffer.wrap(fragment);
        frame.putShort(24, (short) 0);
        frame.putShort(24, (short) InternetChecksum.of(frame, 14, 20, 0));

        host.receive(frame, 0);

        assertThat(sent).isEmpty();
    }

    @Test
    void shouldIgnoreWhatIsForOthers() {
        host.receive(frame(LinuxFrames.ECHO_REQUEST.replaceFirst("525400000001", "525400000003")), 0);
        host.receive(frame(LinuxFrames.SOLICITATION_FOR_DAD), 0);
        host.receive(frame(LinuxFrames.ROUTER_SOLICITATION), 0);
        host.receive(frame(LinuxFrames.ARP_REQUEST.replaceFirst("0a000001$", "0a000003")), 0);
        host.receive(frame(LinuxFrames.ARP_REPLY), 0);
        host.receive(frame(LinuxFrames.NEIGHBOR_ADVERTISEMENT), 0);

        assertThat(sent).isEmpty();
        assertThat(host.ignoredFrames()).isEqualTo(6);
    }

    @Test
    void shouldNotBelieveASolicitationThatARouterPassedOn() {
        byte[] routed = bytes(LinuxFrames.NEIGHBOR_SOLICITATION);
        routed[21] = (byte) 254;

        host.receive(ByteBuffer.wrap(routed), 0);

        assertThat(sent).isEmpty();
    }

    @Test
    void shouldIgnoreASolicitationWithAnOptionOfLengthZeroOrBeyondTheEnd() {
        for (int optionLength : new int[] {0, 2, 255}) {
            byte[] wrong = bytes(LinuxFrames.NEIGHBOR_SOLICITATION);
            wrong[14 + 40 + 24 + 1] = (byte) optionLength;
            ByteBuffer frame = ByteBuffer.wrap(wrong);
            IpPacket.written(io.weft.examples.hosts.IpVersion.IPV6, 32).writeChecksum(frame);

            host.receive(frame, 0);

            assertThat(sent).as("option length %d", optionLength).isEmpty();
        }
    }

    @Test
    void shouldNotAnswerFramesFromAGroup() {
        host.receive(frame(LinuxFrames.ECHO_REQUEST.replace("525400000002", "535400000002")), 0);
        host.receive(frame(LinuxFrames.ARP_REQUEST.replace("525400000002", "000000000000")), 0);

        assertThat(sent).isEmpty();
    }

    @Test
    void shouldSurviveGarbage() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> frames = List.copyOf(LinuxFrames.ANSWERED.values());
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = bytes(frames.get(random.nextInt(frames.size())));
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
            try {
                host.receive(ByteBuffer.wrap(cut), i);
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + ", frame " + java.util.HexFormat.of().formatHex(cut), e);
            }
        }
        sent.clear();
        host.receive(frame(LinuxFrames.ARP_REQUEST), 0);
        assertThat(sent).as("still answers; seed %d", seed).hasSize(1);
    }

    @Test
    void shouldBeSilentBeforeItStartsAndAfterItIsClosed() {
        MemoryHost notStarted = host(LinuxFrames.OUR_ADDRESS);
        notStarted.receive(frame(LinuxFrames.ARP_REQUEST), 0);
        host.close();
        host.receive(frame(LinuxFrames.ARP_REQUEST), 0);

        assertThat(sent).isEmpty();
    }
}
