package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.C;
import static io.weft.SteppedLan.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.RateLimit;
import io.weft.bridge.StormControl;
import io.weft.bridge.Trace;
import io.weft.port.DropReason;
import io.weft.port.PortCapabilities;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Limits count what super-frames are on the wire: its bytes, with all the headers, and its frames. */
class SuperFramePolicingTest {
    private static final int MSS = 1_448;
    private static final int SECONDS = 3;

    /** Where a limit is. */
    enum Place {
        INGRESS,
        EGRESS,
        BROADCAST_STORM,
        MULTICAST_STORM,
        UNKNOWN_UNICAST_STORM;

        PortSettings ofIn(RateLimit limit) {
            PortSettings.Builder settings = PortSettings.builder();
            switch (this) {
                case INGRESS -> settings.ingressPolicing(limit);
                case EGRESS -> {}
                default -> settings.stormControl(StormControl.each(limit));
            }
            return settings.build();
        }

        PortSettings ofOut(RateLimit limit) {
            return this == EGRESS ? PortSettings.builder().egressPolicing(limit).build() : PortSettings.DEFAULT;
        }

        DropReason reason() {
            return switch (this) {
                case INGRESS -> DropReason.RX_POLICED;
                case EGRESS -> DropReason.TX_POLICED;
                default -> DropReason.valueOf(name());
            };
        }

        String destination() {
            return switch (this) {
                case BROADCAST_STORM -> BROADCAST;
                case MULTICAST_STORM -> GROUP;
                default -> B;
            };
        }

        String where() {
            return this == EGRESS ? "out" : "in";
        }
    }

    private static OffloadLan lan(Place place, RateLimit limit, PortCapabilities out) throws Exception {
        return new OffloadLan().port("in", EVERYTHING, place.ofIn(limit)).port("out", out, place.ofOut(limit));
    }

    /** Sends a super-frame of 42 segments every millisecond, which is more than any limit here; returns what came out. */
    private static List<byte[]> flood(OffloadLan lan, Place place) {
        OffloadedFrame superFrame = new Conversation(Kind.UDP4, A, place.destination()).superFrame(60_000, MSS);
        for (int i = 0; i < SECONDS * 1_000; i++) {
            lan.send("in", superFrame);
            lan.pass(Duration.ofMillis(1));
        }
        return lan.port("out").takeFromWire();
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepARateInFrames(Place place) throws Exception {
        for (int burst : new int[] {1, 42, 100}) {
            try (OffloadLan lan = lan(place, RateLimit.frames(1_000, burst), NOTHING)) {
                long passed = flood(lan, place).size();
                assertThat(passed).isCloseTo(1_000L * SECONDS, within(Math.max(burst, 42L) + 42));
                assertThat(lan.dropped(place.where(), place.reason())).isEqualTo(SECONDS * 1_000L - passed / 42);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepARateInBits(Place place) throws Exception {
        for (long burst : new long[] {8L * 65_536, 4_000_000}) {
            try (OffloadLan lan = lan(place, RateLimit.bits(8_000_000, burst), EVERYTHING)) {
                long bits = 8
                        * flood(lan, place).stream()
                                .mapToLong(frame -> frame.length)
                                .sum();
                long superFrame = 8L * (60_000 + 42 * 42);
                assertThat(bits).isCloseTo(8_000_000L * SECONDS, within(Math.max(burst, superFrame) + superFrame));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldLetMoreThanABurstPassAFullBucketAndBeOwed(Place place) throws Exception {
        try (OffloadLan lan = lan(place, RateLimit.frames(100, 10), NOTHING)) {
            Conversation talk = new Conversation(Kind.UDP6, A, place.destination());
            OffloadedFrame small = talk.plain(1);
            lan.send("in", small);
            lan.send("in", talk.superFrame(40 * 100, 100));
            assertThat(lan.take("out")).as("the bucket was not full").hasSize(1);
            lan.pass(Duration.ofMillis(9));
            lan.send("in", talk.superFrame(40 * 100, 100));
            assertThat(lan.take("out")).as("nor 1 ms before it is").isEmpty();
            lan.pass(Duration.ofMillis(1));
            lan.send("in", talk.superFrame(40 * 100, 100), talk.superFrame(40 * 100, 100));
            assertThat(lan.take("out")).as("full, once").hasSize(40);
            lan.pass(Duration.ofMillis(309)); // 400 ms are owed, of which 100 are a burst
            assertThat(mayPass(lan, place, small)).isFalse();
            lan.send("in", small);
            assertThat(lan.take("out")).isEmpty();
            lan.pass(Duration.ofMillis(1));
            assertThat(mayPass(lan, place, small)).isTrue();
            lan.send("in", small, small);
            assertThat(lan.take("out")).as("small ones go on").hasSize(1);
            assertThat(mayPass(lan, place, small)).isFalse();
        }
    }

    /** What a trace foretells of a frame. */
    private static boolean mayPass(OffloadLan lan, Place place, OffloadedFrame frame) {
        Trace trace = lan.lan.trace(frame.bytes(), "in");
        if (trace.sent().isEmpty()) {
            assertThat(trace.dropped()).containsExactly(new Trace.Dropped(place.where(), place.reason()));
            return false;
        }
        return true;
    }

    @Test
    void shouldTakeASuperFrameOfUpToABurstWhenThereIsEnough() throws Exception {
        try (OffloadLan lan = lan(Place.EGRESS, RateLimit.frames(100, 50), NOTHING)) {
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            lan.send("in", talk.superFrame(30 * 100, 100));
            lan.send("in", talk.superFrame(21 * 100, 100));
            assertThat(lan.take("out")).as("20 are left").hasSize(30);
            lan.send("in", talk.superFrame(20 * 100, 100));
            assertThat(lan.take("out")).hasSize(20);
            lan.send("in", talk.plain(1));
            assertThat(lan.take("out")).isEmpty();
        }
    }

    /** Frames that the limit in bits refuses cost nothing of the limit in frames. */
    @Test
    void shouldGiveBackFramesThatBitsRefuse() throws Exception {
        RateLimit both = RateLimit.bits(8_000, 8 * 65_536).and(RateLimit.frames(1, 45));
        try (OffloadLan lan = lan(Place.INGRESS, both, NOTHING)) {
            Conversation talk = new Conversation(Kind.TCP4, A, B);
            lan.send("in", talk.superFrame(60_000, 30_000)); // 2 frames
            for (int i = 0; i < 5; i++) {
                lan.send("in", talk.superFrame(40_000, 1_000)); // 40 frames, too many bytes
            }
            assertThat(lan.take("out")).hasSize(2);
            for (int i = 0; i < 50; i++) {
                lan.send("in", talk.plain(1));
            }
            assertThat(lan.take("out")).as("43 of 45").hasSize(43);
        }
    }

    @Test
    void shouldShareALimitAmongWorkers() throws Exception {
        try (OffloadLan lan = new OffloadLan(3)) {
            lan.port("one", EVERYTHING)
                    .port("two", EVERYTHING)
                    .port("out", NOTHING, Place.EGRESS.ofOut(RateLimit.frames(1_000, 100)));
            OffloadedFrame one = new Conversation(Kind.UDP4, A, B).superFrame(60_000, MSS);
            OffloadedFrame two = new Conversation(Kind.TCP6, C, B).superFrame(20_000, MSS);
            for (int i = 0; i < SECONDS * 500; i++) {
                lan.send("one", one);
                lan.send("two", two);
                lan.pass(Duration.ofMillis(2));
            }
            assertThat((long) lan.port("out").takeFromWire().size()).isCloseTo(1_000L * SECONDS, within(100L + 2 * 42));
        }
    }
}
