package io.weft.fdb;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * One slot of the FDB and the steps of its life. Readers dawdle between key and value, as one that the system interrupts
 * there does, so that the slot can be emptied and used again meanwhile.
 */
public final class FdbSlotsStress {
    private static final int DAWDLE = 40;
    private static final long STATION = FdbKey.of(7, 0x0200_0000_00AAL);
    private static final long OTHER = FdbKey.of(7, 0x0200_0000_00BBL);
    private static final long OLD_PLACE = FdbValue.of(10, 1, FdbValue.KIND_DYNAMIC, 100);
    private static final long NEW_PLACE = FdbValue.of(20, 2, FdbValue.KIND_DYNAMIC, 100);

    private FdbSlotsStress() {}

    /** A slot that holds {@link #STATION} at {@link #OLD_PLACE}. */
    static class Slot {
        final FdbSlots slots = new FdbSlots(1, 42);
        final int slot = slots.findEmpty(slots.hash(STATION));
        final long slotKey = slots.claim(slot, STATION);

        Slot() {
            slots.begin(slot, slotKey, OLD_PLACE);
        }

        /** Ends the entry; whether this thread did. */
        final boolean end() {
            long value = slots.value(slot);
            return FdbSlots.isEntry(slotKey, value) && slots.end(slot, slotKey, value);
        }

        final void begin(long key, long place) {
            long claimed = slots.claim(slot, key);
            if (claimed != 0) {
                slots.begin(slot, claimed, place);
            }
        }

        /** Where the station is by this slot: a thousand times the port, and the endpoint; 0 when it is not here. */
        final int look(long key) {
            long read = slots.key(slot);
            for (int i = 0; i < DAWDLE; i++) {
                Thread.onSpinWait();
            }
            long value = slots.value(slot);
            boolean here = FdbSlots.station(read) == key && FdbSlots.isEntry(read, value);
            return here ? 1_000 * FdbValue.port(value) + FdbValue.endpoint(value) : 0;
        }
    }

    /** The slot is emptied and used for another station: the first one is not taken for being at the other's place. */
    @JCStressTest
    @Outcome(
            id = {"10001", "0"},
            expect = ACCEPTABLE,
            desc = "Where it was, or unknown.")
    @Outcome(expect = FORBIDDEN, desc = "At the place of the station that has the slot now.")
    @State
    public static class Reuse extends Slot {
        @Actor
        public void writer() {
            end();
            begin(OTHER, NEW_PLACE);
        }

        @Actor
        public void reader(I_Result result) {
            result.r1 = look(STATION);
        }
    }

    /** Somebody learns what the slot held, with the key of its former life, while it is used for another station. */
    @JCStressTest
    @Outcome(
            id = {"0, 20002", "0, 0", "10001, 0"},
            expect = ACCEPTABLE,
            desc = "One of them has the slot, whole, or it is empty.")
    @Outcome(expect = FORBIDDEN, desc = "A key with the value of another life.")
    @State
    public static class LateWriter extends Slot {
        @Actor
        public void writer() {
            end();
            begin(OTHER, NEW_PLACE);
        }

        @Actor
        public void late() {
            long value = slots.value(slot);
            for (int i = 0; i < DAWDLE; i++) {
                Thread.onSpinWait();
            }
            slots.replace(slot, slotKey, value, OLD_PLACE); // a refresh
            slots.begin(slot, slotKey, OLD_PLACE); // helps whoever claimed it, as it believes
            slots.clear(slot, slotKey); // helps whoever ended it, as it believes
        }

        @Arbiter
        public void after(II_Result result) {
            result.r1 = look(STATION);
            result.r2 = look(OTHER);
        }
    }

    /** An entry moves while another thread ends it: either it has moved and stays, or it is gone. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Ended; the move came too late.")
    @Outcome(id = "0, 20002", expect = ACCEPTABLE, desc = "Moved; the end came too late.")
    @Outcome(id = "1, 20002", expect = FORBIDDEN, desc = "Ended, and yet there.")
    @Outcome(expect = FORBIDDEN, desc = "Lost, or where it was.")
    @State
    public static class EndReplace extends Slot {
        private final long value = slots.value(slot);

        @Actor
        public void mover() {
            slots.replace(slot, slotKey, value, NEW_PLACE);
        }

        @Actor
        public void remover(II_Result result) {
            result.r1 = slots.end(slot, slotKey, value) ? 1 : 0;
        }

        @Arbiter
        public void after(II_Result result) {
            result.r2 = look(STATION);
        }
    }
}
