package io.weft.patch;

import io.weft.Wire;
import io.weft.port.MemoryPort;
import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The far end is a wire that joins the other patch port to the test. */
class PatchPortContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() {
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        MemoryPort far = new MemoryPort("far").onFrame(bytes -> {
            byte[] frame = new byte[bytes.remaining()];
            bytes.get(frame);
            arrived.add(frame);
        });
        PatchPort.Pair patch = PatchPort.pair("to-far", "to-near");
        return new Peer() {
            private Wire wire;

            @Override
            public PortDriver driver() {
                return patch.first();
            }

            @Override
            public void connect() throws Exception {
                wire = Wire.between(patch.second(), far);
            }

            @Override
            public void send(byte[] frame) {
                while (!far.send(frame)) {
                    Thread.onSpinWait();
                }
            }

            @Override
            public byte[] receive(long timeoutMs) throws InterruptedException {
                return arrived.poll(timeoutMs, TimeUnit.MILLISECONDS);
            }

            @Override
            public int maxFrameLength() {
                return 65_535;
            }

            @Override
            public void close() {
                if (wire != null) {
                    wire.close();
                }
            }
        };
    }
}
