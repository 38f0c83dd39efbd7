package io.weft.port;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class MemoryPortContractTest extends PortContractTest {
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
                return port;
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
