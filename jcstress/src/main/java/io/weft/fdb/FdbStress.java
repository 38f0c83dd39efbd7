package io.weft.fdb;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Two workers and one station in the FDB. What cannot be seen from outside, half-done insertions and removals, must not
 * show: a station is at one place at a time or nowhere, and is counted once while it is somewhere.
 */
public final class FdbStress {
    private static final int OLD_PORT = 10;
    private static final int OLD_ENDPOINT = 1;
    private static final int NEW_PORT = 20;
    private static final int NEW_ENDPOINT = 2;

    private FdbStress() {}

    /** Two workers learn a new station at once, behind different ports. */
    @JCStressTest
    @Outcome(id = "10, 1, 1", expect = ACCEPTABLE, desc = "The first worker's place counts.")
    @Outcome(id = "20, 1, 1", expect = ACCEPTABLE, desc = "The second worker's place counts.")
    @Outcome(expect = FORBIDDEN, desc = "Unknown, in the table twice, or miscounted.")
    @State
    public static class LearnLearn extends StressedFdb {
        @Actor
        public void one() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void other() {
            fdb.learn(STATION, NEW_PORT, NEW_ENDPOINT, NOW);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = portOf(STATION);
            result.r2 = copies(STATION);
            result.r3 = countedAlike();
        }
    }

    /** A station moves while the table is flushed. */
    @JCStressTest
    @Outcome(id = "20, 1, 1", expect = ACCEPTABLE, desc = "Flushed, then learned at its new place.")
    @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "Moved, then flushed.")
    @Outcome(expect = FORBIDDEN, desc = "At its old place, in the table twice, or miscounted.")
    @State
    public static class MoveFlush extends StressedFdb {
        public MoveFlush() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void worker() {
            fdb.learn(STATION, NEW_PORT, NEW_ENDPOINT, NOW);
        }

        @Actor
        public void operator() {
            fdb.flushAll();
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = portOf(STATION);
            result.r2 = copies(STATION);
            result.r3 = countedAlike();
        }
    }

    /** A new station is learned while the table is flushed. */
    @JCStressTest
    @Outcome(id = "10, 1, 1", expect = ACCEPTABLE, desc = "Learned after the flush had passed its slot.")
    @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "Learned, then flushed.")
    @Outcome(expect = FORBIDDEN, desc = "In the table twice, or miscounted.")
    @State
    public static class LearnFlush extends StressedFdb {
        @Actor
        public void worker() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void operator() {
            fdb.flushAll();
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = portOf(STATION);
            result.r2 = copies(STATION);
            result.r3 = countedAlike();
        }
    }

    /** Two threads flush one entry: one of them removes and counts it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One of them removed it.")
    @Outcome(expect = FORBIDDEN, desc = "Removed twice or not at all.")
    @State
    public static class FlushFlush extends StressedFdb {
        public FlushFlush() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void one(II_Result result) {
            result.r1 = fdb.flushAll();
        }

        @Actor
        public void other(II_Result result) {
            result.r2 = fdb.flushPort(OLD_PORT);
        }
    }

    /** A station is looked up while it moves: both reads of each look-up belong to one place. */
    @JCStressTest
    @Outcome(
            id = {"10001, 10001", "10001, 20002", "20002, 20002"},
            expect = ACCEPTABLE,
            desc = "The old place, then the new one.")
    @Outcome(expect = FORBIDDEN, desc = "Unknown, back at the old place, or a mix of two places.")
    @State
    public static class MoveLookup extends StressedFdb {
        public MoveLookup() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void mover() {
            fdb.learn(STATION, NEW_PORT, NEW_ENDPOINT, NOW);
        }

        @Actor
        public void reader(II_Result result) {
            result.r1 = placeOf(STATION);
            result.r2 = placeOf(STATION);
        }
    }

    /** Two stations want the same slot: each gets one. */
    @JCStressTest
    @Outcome(id = "10, 20, 1", expect = ACCEPTABLE, desc = "Both are known.")
    @Outcome(expect = FORBIDDEN, desc = "One is lost, or miscounted.")
    @State
    public static class NeighboursLearn extends StressedFdb {
        @Actor
        public void one() {
            fdb.learn(STATION, OLD_PORT, OLD_ENDPOINT, NOW);
        }

        @Actor
        public void other() {
            fdb.learn(NEIGHBOUR, NEW_PORT, NEW_ENDPOINT, NOW);
        }

        @Arbiter
        public void after(III_Result result) {
            result.r1 = portOf(STATION);
            result.r2 = portOf(NEIGHBOUR);
            result.r3 = countedAlike();
        }
    }
}
