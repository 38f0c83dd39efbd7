package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.OffloadLan.NOTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.BROADCAST;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.PortSettings;
import io.weft.bridge.PriorityTags;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.patch.PatchPort;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tags that come and go in front of frames whose metadata counts from the first byte. */
class SuperFrameVlanTest {
    private static final int MSS = 1_448;

    private static PortSettings vlans(VlanSettings settings) {
        return PortSettings.builder().vlans(settings).build();
    }

    /** What goes out, to a port that takes all and to one of the same VLAN settings that takes nothing. */
    private static void check(
            VlanSettings in, VlanSettings out, List<OffloadedFrame> sent, List<OffloadedFrame> expected)
            throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING, vlans(in))
                    .port("able", EVERYTHING, vlans(out))
                    .port("plain", NOTHING, vlans(out))
                    .port("able-too", EVERYTHING, vlans(out))
                    .port("plain-too", NOTHING, vlans(out));
            lan.send("in", sent.toArray(OffloadedFrame[]::new));
            List<byte[]> wire = new ArrayList<>();
            expected.forEach(frame -> wire.addAll(frame.onTheWire()));
            assertThat(wire).allMatch(OffloadedFrame::isRight);
            for (String which : List.of("", "-too")) {
                assertThat(lan.take("able" + which)).containsExactlyElementsOf(expected);
                List<OffloadedFrame> cut = lan.take("plain" + which);
                assertThat(cut).noneMatch(OffloadedFrame::isPartial).noneMatch(OffloadedFrame::isSuperFrame);
                assertThat(cut.stream().map(OffloadedFrame::bytes)).containsExactlyElementsOf(wire);
            }
        }
    }

    private static List<OffloadedFrame> frames(Kind kind) {
        Conversation talk = new Conversation(kind, A, BROADCAST);
        return List.of(talk.superFrame(5_000, MSS), talk.partial(101), talk.plain(99), talk.superFrame(100, 7));
    }

    private static List<OffloadedFrame> tagged(List<OffloadedFrame> frames, int tpid, int tci) {
        return frames.stream().map(frame -> frame.tagged(tpid, tci)).toList();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTagBetweenAccessAndTrunk(Kind kind) throws Exception {
        List<OffloadedFrame> frames = frames(kind);
        VlanSettings access = VlanSettings.access(10);
        VlanSettings trunk = VlanSettings.trunk(VlanSet.of(10, 20));
        check(access, trunk, frames, tagged(frames, 0x8100, 10));
        check(trunk, access, tagged(frames, 0x8100, 0xa00a), frames);
        check(trunk, trunk, tagged(frames, 0x88a8, 0xa00a), tagged(frames, 0x88a8, 0xa00a));
        VlanSettings nativeUntagged = VlanSettings.nativeUntagged(10, VlanSet.of(20));
        check(nativeUntagged, trunk, frames, tagged(frames, 0x8100, 10));
        check(trunk, nativeUntagged, tagged(frames, 0x8100, 10), frames);
        check(trunk, nativeUntagged, tagged(frames, 0x8100, 20), tagged(frames, 0x8100, 20));
    }

    @ParameterizedTest
    @EnumSource
    void shouldTagOutsideOfACustomersTag(Kind kind) throws Exception {
        List<OffloadedFrame> frames = frames(kind);
        List<OffloadedFrame> customers = tagged(frames, 0x8100, 0x6007);
        VlanSettings tunnel = VlanSettings.tunnel(100);
        VlanSettings trunk = VlanSettings.trunk(VlanSet.of(100));
        List<OffloadedFrame> doubly = tagged(customers, 0x88a8, 0x6000 | 100); // with the customer's priority
        check(tunnel, trunk, frames, tagged(frames, 0x88a8, 100));
        check(tunnel, trunk, customers, doubly);
        check(tunnel, tunnel, customers, customers);
        check(trunk, tunnel, tagged(customers, 0x88a8, 100), customers);
        check(trunk, tunnel, doubly, customers);
        List<OffloadedFrame> inService = tagged(tagged(frames, 0x8100, 0x6007), 0x8100, 100);
        check(trunk, tunnel, inService, customers);
    }

    @ParameterizedTest
    @EnumSource
    void shouldPushATagInFrontOfTwo(Kind kind) throws Exception {
        List<OffloadedFrame> twice = tagged(tagged(frames(kind), 0x8100, 7), 0x8100, 8);
        VlanSettings tunnel = VlanSettings.tunnel(100);
        check(tunnel, VlanSettings.trunk(VlanSet.of(100)), twice, tagged(twice, 0x88a8, 100));
        check(tunnel, tunnel, twice, twice);
    }

    @ParameterizedTest
    @EnumSource
    void shouldAlwaysTagWhereThatIsWanted(Kind kind) throws Exception {
        List<OffloadedFrame> frames = frames(kind);
        VlanSettings always = VlanSettings.access(10).withPriorityTags(PriorityTags.ALWAYS);
        check(VlanSettings.access(10), always, frames, tagged(frames, 0x8100, 0));
        VlanSettings trunk = VlanSettings.trunk(VlanSet.of(10));
        check(trunk, always, tagged(frames, 0x8100, 0xa00a), tagged(frames, 0x8100, 0xa000));
    }

    @Test
    void shouldFloodWithDifferentTags() throws Exception {
        try (OffloadLan lan = new OffloadLan()) {
            lan.port("in", EVERYTHING, vlans(VlanSettings.access(10)))
                    .port("access", NOTHING, vlans(VlanSettings.access(10)))
                    .port("trunk", NOTHING, vlans(VlanSettings.trunk(VlanSet.of(10))))
                    .port("whole-trunk", EVERYTHING, vlans(VlanSettings.trunk(VlanSet.of(10))))
                    .port("whole-access", EVERYTHING, vlans(VlanSettings.access(10)));
            OffloadedFrame superFrame = new Conversation(Kind.TCP4, A, BROADCAST).superFrame(5_000, MSS);
            OffloadedFrame tagged = superFrame.tagged(0x8100, 10);
            lan.send("in", superFrame);
            assertThat(lan.port("access").takeFromWire()).containsExactlyElementsOf(superFrame.onTheWire());
            assertThat(lan.port("trunk").takeFromWire()).containsExactlyElementsOf(tagged.onTheWire());
            assertThat(lan.take("whole-trunk")).containsExactly(tagged);
            assertThat(lan.take("whole-access")).containsExactly(superFrame);
        }
    }

    /** Provider over provider, as by patch ports from switch to switch: a tag in front of as many as there are. */
    @ParameterizedTest
    @EnumSource
    void shouldCutBehindAnyNumberOfTags(Kind kind) throws Exception {
        int providers = 4;
        OffloadedFrame superFrame = new Conversation(kind, A, BROADCAST)
                .superFrame(5_000, MSS)
                .tagged(0x8100, 7)
                .tagged(0x8100, 8);
        OffloadedFrame expected = superFrame;
        List<OffloadLan> chain = new ArrayList<>();
        try {
            for (int i = 0; i < providers; i++) {
                OffloadLan lan = new OffloadLan();
                chain.add(lan);
                VlanSettings tunnel = VlanSettings.tunnel(100 + i);
                lan.port("plain", NOTHING, vlans(VlanSettings.trunk(VlanSet.of(100 + i))));
                if (i == 0) {
                    lan.port("in", EVERYTHING, vlans(tunnel));
                } else {
                    PatchPort.Pair patch = PatchPort.pair("next", "in");
                    chain.get(i - 1).lan.add(patch.first());
                    lan.lan.add(patch.second(), vlans(tunnel));
                }
            }
            chain.get(0).send("in", superFrame);
            chain.forEach(OffloadLan::settle);
            for (int i = 0; i < providers; i++) {
                expected = expected.tagged(0x88a8, 100 + i);
                List<OffloadedFrame> cut = chain.get(i).take("plain");
                assertThat(cut.stream().map(OffloadedFrame::bytes))
                        .as("behind %d tags", 3 + i)
                        .containsExactlyElementsOf(expected.onTheWire());
            }
        } finally {
            for (int i = providers - 1; i >= 0; i--) {
                chain.get(i).settle(); // frames go home to the switches before
            }
            chain.forEach(OffloadLan::close);
        }
    }
}
