package io.weft.unix;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class StreamListenerContractTest extends PortContractTest {
    @TempDir
    Path directory;

    @Override
    protected Peer newPeer() {
        Path path = directory.resolve("vm.sock");
        return new StreamPeer(QemuPort.listen(path.toString()).build(), 65_535) {
            @Override
            public void connect() throws IOException {
                connected(StreamVm.connect(path));
            }
        };
    }

    /** A VM at the far end of a stream socket. */
    abstract static class StreamPeer implements Peer {
        private final PortDriver driver;
        private final int maxFrameLength;
        private StreamVm vm;

        StreamPeer(PortDriver driver, int maxFrameLength) {
            this.driver = driver;
            this.maxFrameLength = maxFrameLength;
        }

        void connected(StreamVm connected) {
            vm = connected;
        }

        @Override
        public PortDriver driver() {
            return driver;
        }

        @Override
        public void send(byte[] frame) throws IOException {
            vm.send(frame);
        }

        @Override
        public byte[] receive(long timeoutMs) throws IOException {
            return vm.receive(timeoutMs);
        }

        @Override
        public int maxFrameLength() {
            return maxFrameLength;
        }

        @Override
        public void close() throws IOException {
            if (vm != null) {
                vm.close();
            }
        }
    }
}
