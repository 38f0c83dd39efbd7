package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.frame.FrameBatch;
import io.weft.port.DescriptorWatch;
import io.weft.port.PortContext;
import io.weft.port.PortDriver;
import io.weft.port.PortException;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a driver with several descriptors is told which of them are ready. */
class DescriptorWatchTest {
    private final Watcher driver = new Watcher();
    private VirtualSwitch lan;

    private static final class Watcher implements PortDriver {
        private final int[] descriptors = new int[3];
        private final DescriptorWatch[] watches = new DescriptorWatch[3];
        private int polls;

        @Override
        public void open(PortContext context) throws PortException {
            for (int i = 0; i < watches.length; i++) {
                try {
                    descriptors[i] = Descriptors.open();
                } catch (IOException e) {
                    throw new PortException("no eventfd", e);
                }
                watches[i] = context.watch(descriptors[i]);
            }
        }

        @Override
        public int poll(FrameBatch into, int limit) {
            polls++;
            return 0;
        }

        /** Which were reported since the last call. */
        String ready() {
            StringBuilder ready = new StringBuilder();
            for (int i = 0; i < watches.length; i++) {
                ready.append(watches[i].takeReady() ? i : "-");
            }
            return ready.toString();
        }

        @Override
        public void close() {
            for (int i = 0; i < watches.length; i++) {
                watches[i].close();
                Linux.libc().close(descriptors[i]);
            }
        }
    }

    @BeforeEach
    void open() throws IOException {
        lan = VirtualSwitch.builder().invoker(System::nanoTime).build();
        lan.add(driver);
        lan.step();
    }

    @AfterEach
    void close() {
        lan.close();
    }

    @Test
    void shouldReportEveryDescriptorOnceWhenTheWatchBegins() {
        assertThat(driver.ready()).isEqualTo("012");
        lan.step();
        assertThat(driver.ready()).isEqualTo("---");
    }

    @Test
    void shouldReportTheReadyOnesForAsLongAsTheyAre() {
        driver.ready();
        Descriptors.makeReadable(driver.descriptors[1]);
        lan.step();
        assertThat(driver.ready()).isEqualTo("-1-");
        lan.step();
        assertThat(driver.ready()).isEqualTo("-1-");
        Descriptors.drain(driver.descriptors[1]);
        lan.step();
        assertThat(driver.ready()).isEqualTo("---");

        Descriptors.makeReadable(driver.descriptors[0]);
        Descriptors.makeReadable(driver.descriptors[2]);
        int polls = driver.polls;
        lan.step();
        assertThat(driver.polls).isEqualTo(polls + 1);
        assertThat(driver.ready()).isEqualTo("0-2");
    }

    @Test
    void shouldFollowWhatADescriptorIsWatchedFor() {
        driver.ready();
        driver.watches[2].writable(true);
        lan.step();
        assertThat(driver.ready()).isEqualTo("--2");
        driver.watches[2].writable(false);
        Descriptors.makeReadable(driver.descriptors[0]);
        driver.watches[0].readable(false);
        lan.step();
        assertThat(driver.ready()).isEqualTo("---");
    }

    @Test
    void shouldKeepTheOthersWhenOneWatchEnds() {
        driver.ready();
        driver.watches[0].close();
        Descriptors.makeReadable(driver.descriptors[0]);
        Descriptors.makeReadable(driver.descriptors[2]);
        lan.step();
        assertThat(driver.ready()).isEqualTo("--2");
    }
}
