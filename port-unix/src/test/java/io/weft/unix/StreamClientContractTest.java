package io.weft.unix;

import io.weft.port.PortContractTest;
import io.weft.unix.StreamListenerContractTest.StreamPeer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class StreamClientContractTest extends PortContractTest {
    @TempDir
    Path directory;

    @Override
    protected Peer newPeer() throws IOException {
        Path path = directory.resolve("vm.sock");
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return new StreamPeer(
                QemuPort.connect(path.toString()).maxFrameLength(9_014).build(), 9_100) {
            @Override
            public void connect() throws IOException {
                connected(new StreamVm(server.accept()));
            }

            @Override
            public void close() throws IOException {
                super.close();
                server.close();
            }
        };
    }
}
