package io.weft.impairment;

import io.weft.port.MemoryPort;
import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;

/** What every port does, with nothing in its way, and with a line that takes its time. */
class ImpairedContractTest {
    @Nested
    class Neutral extends Contract {
        Neutral() {
            super(Impairment.NONE);
        }
    }

    @Nested
    class Delayed extends Contract {
        Delayed() {
            super(Impairment.builder()
                    .delay(Duration.ofMillis(1))
                    .rate(1_000_000_000)
                    .build());
        }
    }

    abstract static class Contract extends PortContractTest {
        private final Impairment impairment;

        Contract(Impairment impairment) {
            this.impairment = impairment;
        }

        @Override
        protected Peer newPeer() {
            BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
            MemoryPort port = new MemoryPort("m", 9_018).onFrame(bytes -> {
                byte[] frame = new byte[bytes.remaining()];
                bytes.get(frame);
                arrived.add(frame);
            });
            return new Peer() {
                @Override
                public PortDriver driver() {
                    return new ImpairedDriver(port, impairment, impairment);
                }

                @Override
                public void send(byte[] frame) {
                    while (!port.send(frame)) {
                        Thread.onSpinWait();
                    }
                }

                @Override
                public byte[] receive(long timeoutMs) throws InterruptedException {
                    return arrived.poll(timeoutMs, TimeUnit.MILLISECONDS);
                }

                @Override
                public int maxFrameLength() {
                    return 9_018;
                }

                @Override
                public void close() {}
            };
        }
    }
}
