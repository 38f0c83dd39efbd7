package io.weft;

import static io.weft.OffloadLan.EVERYTHING;
import static io.weft.SteppedLan.A;
import static io.weft.SteppedLan.B;
import static io.weft.SteppedLan.BROADCAST;
import static io.weft.SteppedLan.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.Conversation.Kind;
import io.weft.bridge.FloodTarget;
import io.weft.bridge.PortSettings;
import io.weft.frame.Frame;
import io.weft.mirror.Mirror;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a port is told of where a flooded frame comes from: the split-horizon group, whichever worker had the frame first. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FloodedGroupTest {
    private static PortSettings group(int number) {
        return PortSettings.builder().splitHorizonGroup(number).build();
    }

    /** A port that takes down the group and the last byte of each frame that it is given, as "group:byte". */
    private static ScriptedDriver recorder(String name, List<String> into) {
        return new ScriptedDriver(name).onTransmit((frames, counters) -> {
            for (int i = 0; i < frames.size(); i++) {
                Frame frame = frames.get(i);
                into.add(frame.splitHorizonGroup() + ":" + frame.getByte(frame.length() - 1));
                counters.transmitted(frame.length()); // what is accounted for has been taken down
            }
            frames.release();
        });
    }

    /** Recorders beside the ports of a switch of two workers, so that each port has some that are its worker's and some that are not. */
    private static List<List<String>> recorders(VirtualSwitch lan, int count) throws PortException {
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<String> heard = Collections.synchronizedList(new ArrayList<>());
            ScriptedDriver recorder = recorder("r" + i, heard);
            lan.add(i % 3 == 2 ? recorder.withConcurrentTransmit() : recorder);
            all.add(heard);
        }
        return all;
    }

    private static byte[] numbered(String destination, String source, int number) {
        byte[] frame = frame(destination, source);
        frame[frame.length - 1] = (byte) number;
        return frame;
    }

    @Test
    void shouldTellTheGroupOfThePortThatAFloodedFrameCameBy() throws Exception {
        try (SteppedLan lan = new SteppedLan()) {
            lan.port("a", group(7)).port("b", group(300)).port("c");
            List<List<String>> heard = recorders(lan.lan, 6);
            lan.memory("a").send(numbered(BROADCAST, A, 1));
            lan.memory("c").send(numbered(BROADCAST, B, 2));
            lan.memory("a").send(numbered("02:00:00:00:00:77", A, 3)); // which nobody knows
            lan.memory("b").send(numbered("01:00:5e:00:00:01", A, 4));
            lan.settle();
            assertThat(heard)
                    .allSatisfy(one -> assertThat(one).containsExactlyInAnyOrder("7:1", "0:2", "7:3", "300:4"));
            heard.forEach(List::clear);
            lan.lan.port("c").change(settings -> settings.splitHorizonGroup(9));
            lan.lan.port("a").change(settings -> settings.splitHorizonGroup(0));
            lan.memory("c").send(numbered(BROADCAST, B, 5));
            lan.memory("a").send(numbered(BROADCAST, A, 6));
            lan.settle();
            assertThat(heard).allSatisfy(one -> assertThat(one).containsExactlyInAnyOrder("9:5", "0:6"));
        }
    }

    /** That the frames of a group are not flooded to its ports is as before, also where one has said so that comes from elsewhere. */
    @Test
    void shouldPassOnWhatATunnelSaidOfAFrame() throws Exception {
        try (SteppedLan lan = new SteppedLan()) {
            lan.port("a", group(7)).port("b", group(8));
            List<String> heard = new ArrayList<>();
            lan.lan.add(recorder("r", heard));
            byte[] bytes = numbered(BROADCAST, A, 1);
            ScriptedDriver tunnel = new ScriptedDriver("tunnel").onPoll((driver, into, limit) -> {
                for (int said : new int[] {0, 7}) {
                    Frame frame = driver.context().pool().allocate(bytes.length);
                    frame.putBytes(0, bytes, 0, bytes.length);
                    frame.ingress(driver.handle().index());
                    frame.splitHorizonGroup(said);
                    into.add(frame);
                }
                return 2;
            });
            lan.lan.add(tunnel, group(8));
            lan.settle();
            assertThat(heard).containsExactly("8:1", "7:1");
            assertThat(lan.take("a")).hasSize(1);
            assertThat(lan.take("b")).isEmpty();
        }
    }

    @Test
    void shouldTellItOfWhatFloodListsSendAndNotOfWhatMirrorsDo() throws Exception {
        try (SteppedLan lan = new SteppedLan()) {
            lan.port("a", group(7));
            List<List<String>> heard = recorders(lan.lan, 4);
            lan.lan.mirror(Mirror.of("m").source("a").toPort("r3"));
            lan.lan.mirror(Mirror.of("n").destination("r0").toPort("r2"));
            lan.lan.fdb().floodList(0, List.of(new FloodTarget("r0", 0), new FloodTarget("r1", 3)));
            lan.send("a", numbered(BROADCAST, A, 1));
            lan.settle();
            assertThat(heard).containsExactly(List.of("7:1"), List.of("7:1"), List.of("0:1"), List.of("0:1"));
        }
    }

    @Test
    void shouldTellItOfEachSegmentOfASuperFrame() throws Exception {
        try (OffloadLan lan = new OffloadLan(2)) {
            lan.port("in", EVERYTHING, group(7));
            List<List<String>> heard = recorders(lan.lan, 4);
            lan.send("in", new Conversation(Kind.UDP4, A, BROADCAST).superFrame(30_000, 1_448));
            assertThat(heard).allSatisfy(one -> assertThat(one).hasSize(21).allMatch(text -> text.startsWith("7:")));
        }
    }

    @Test
    void shouldTellItAcrossThreads() throws Exception {
        SplittableRandom random = TestSeed.random("FloodedGroupTest threads");
        for (int round = 0; round < 4 * TestSeed.effort(); round++) {
            int[] groups = IntStream.range(0, 5)
                    .map(i -> random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(100_000))
                    .toArray();
            List<List<String>> heard;
            try (VirtualSwitch lan =
                    VirtualSwitch.builder().workers(1 + random.nextInt(4)).build()) {
                List<MemoryPort> ports = new ArrayList<>();
                for (int i = 0; i < groups.length; i++) {
                    ports.add(new MemoryPort("p" + i).onFrame(bytes -> {}));
                    lan.add(ports.get(i), group(groups[i]));
                }
                heard = recorders(lan, 4);
                for (int n = 0; n < 2_000; n++) {
                    int from = random.nextInt(groups.length);
                    ports.get(from).send(numbered(BROADCAST, A, from));
                }
                List<List<String>> all = heard;
                Eventually.await("frames at all recorders", () -> all.stream().noneMatch(List::isEmpty));
                Eventually.await(
                        "every frame accounted for", () -> lan.statistics().unaccounted() == 0);
            } // now nobody adds to them any more
            for (List<String> one : heard) {
                assertThat(one).allSatisfy(text -> {
                    String[] parts = text.split(":");
                    assertThat(parts[0]).isEqualTo("" + groups[Integer.parseInt(parts[1])]);
                });
            }
        }
    }
}
