package io.weft.unix;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.unixsocket.UnixDatagramChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketOptions;
import org.junit.jupiter.api.io.TempDir;

class DatagramPortContractTest extends PortContractTest {
    @TempDir
    Path directory;

    @Override
    protected Peer newPeer() throws IOException {
        Path path = directory.resolve("vm.sock");
        Path guest = directory.resolve("guest.sock");
        Files.deleteIfExists(guest);
        UnixDatagramChannel channel = UnixDatagramChannel.open();
        channel.bind(new UnixSocketAddress(guest.toFile()));
        PortDriver driver = QemuPort.datagram(path.toString(), guest.toString()).build();
        ByteBuffer in = ByteBuffer.allocateDirect(1 << 17);
        return new Peer() {
            @Override
            public PortDriver driver() {
                return driver;
            }

            @Override
            public void send(byte[] frame) throws IOException {
                ByteBuffer direct = ByteBuffer.allocateDirect(frame.length).put(frame);
                channel.send(direct.flip(), new UnixSocketAddress(path.toFile()));
            }

            @Override
            public byte[] receive(long timeoutMs) throws IOException {
                channel.setOption(UnixSocketOptions.SO_RCVTIMEO, (int) timeoutMs);
                if (SocketIo.read(channel.getFD(), in.clear()) < 0) {
                    return null;
                }
                byte[] frame = new byte[in.position()];
                in.flip().get(frame);
                return frame;
            }

            @Override
            public int maxFrameLength() {
                return 65_535;
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
