package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends random bytes from one host to another by TCP, and compares what the two have hashed. Threads: stateless. */
public final class FileTransfer {
    private static final int BYTES = 24 << 20;
    private static final int PORT = 51_997; // Tshark.read takes it for data, whatever it looks like

    private static final String RECEIVE = """
            import hashlib, socket
            s = socket.create_server(('::', %d), family=socket.AF_INET6, dualstack_ipv6=True)
            c = s.accept()[0]
            h = hashlib.sha256()
            n = 0
            while True:
                b = c.recv(1 << 20)
                if not b: break
                h.update(b); n += len(b)
            c.sendall(('%%d %%s' %% (n, h.hexdigest())).encode())
            """;

    private static final String SEND = """
            import hashlib, os, socket
            c = socket.create_connection(('%s', %d), timeout=20)
            h = hashlib.sha256()
            left = %d
            while left:
                b = os.urandom(min(left, 1 << 20))
                h.update(b); c.sendall(b); left -= len(b)
            c.shutdown(socket.SHUT_WR)
            print('sent %d', h.hexdigest())
            print('received', c.makefile().read())
            """;

    private static final Pattern SAME = Pattern.compile("sent (\\d+ \\w{64})\\s+received \\1\\s*");

    private FileTransfer() {}

    /** Sends from {@code sender} to {@code receiver}, whose address is {@code address}. */
    public static void check(NetworkNamespace sender, NetworkNamespace receiver, String address) throws Exception {
        Process server = receiver.start("python3", "-c", RECEIVE.formatted(PORT));
        try {
            NetworkNamespace.await("the receiver listens", () -> receiver.run("cat", "/proc/net/tcp6")
                    .contains(":%04X 0000000000000000".formatted(PORT)));
            String report = sender.run("python3", "-c", SEND.formatted(address, PORT, BYTES, BYTES));
            Matcher same = SAME.matcher(report);
            assertThat(same.matches()).as("to %s: %s", address, report).isTrue();
        } finally {
            server.destroyForcibly().waitFor();
        }
    }
}
