package io.weft.event;

import io.weft.fdb.FdbObserver.Change;
import java.util.function.Consumer;

/**
 * Takes events for a recording that may or may not be running, and says whether it wants any: a worker asks before it
 * publishes a change that no listener hears.
 *
 * <p>Threads: {@link #isRecording} by any; events by the one that dispatches them.
 */
interface EventRecorder extends SwitchListener, AutoCloseable {
    /** Records nothing. */
    EventRecorder NONE = new EventRecorder() {
        @Override
        public boolean isRecording() {
            return false;
        }

        @Override
        public boolean isRecording(Change change) {
            return false;
        }

        @Override
        public void close() {}
    };

    /** Whether events are recorded at all. */
    boolean isRecording();

    /** Whether changes of this kind are recorded. */
    boolean isRecording(Change change);

    /** The switch is closed. */
    @Override
    void close();

    /**
     * The JDK's Flight Recorder where this JVM has it: run-time images made without the module jdk.jfr have not.
     *
     * @param counters reads the switch's counters, asked by any thread
     */
    static EventRecorder of(String switchName, Consumer<CounterReader> counters) {
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            return NONE;
        }
        return FlightRecording.of(switchName, counters); // the only class that needs the module, loaded only now
    }
}
