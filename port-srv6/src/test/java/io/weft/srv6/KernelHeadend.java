package io.weft.srv6;

import io.weft.tap.NetworkNamespace;
import io.weft.tap.PacketSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A router of the kernel's that encapsulates: what is sent to it by the device {@code a1} it forwards, and what leaves it is seen
 * at {@code b1}. Its outer source address is {@link #SOURCE}.
 */
final class KernelHeadend implements AutoCloseable {
    static final String SOURCE = "fd00:b::1";
    static final String MAC = "02:00:00:00:00:0a";

    private static final long DEADLINE_MS = 10_000; // only ever reached by a failure

    final NetworkNamespace router;
    private final List<PacketSocket> sockets = new ArrayList<>();
    private final PacketSocket in;
    private final PacketSocket out;

    KernelHeadend() throws Exception {
        router = NetworkNamespace.create("seg6");
        try {
            sh(
                    "sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1 net.ipv6.conf.all.accept_dad=0"
                            + " net.ipv6.conf.default.accept_dad=0",
                    "ip link add a0 address " + MAC + " type veth peer name a1",
                    "ip link add b0 address 02:00:00:00:00:0b type veth peer name b1",
                    "sysctl -qw net.ipv6.conf.a1.disable_ipv6=1 net.ipv6.conf.b1.disable_ipv6=1",
                    "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.a0.rp_filter=0",
                    "ip link set a0 up",
                    "ip link set a1 up",
                    "ip link set b0 mtu 9000 up",
                    "ip link set b1 mtu 9000 up",
                    "ip address add 10.1.0.1/24 dev a0",
                    "ip address add fd00:a::1/64 dev a0 nodad",
                    "ip address add " + SOURCE + "/64 dev b0 nodad",
                    "ip -6 neighbour add fd00:b::2 lladdr 02:00:00:00:00:02 dev b0",
                    "ip -6 route add fc00::/16 via fd00:b::2 dev b0",
                    "ip sr tunsrc set " + SOURCE);
            in = PacketSocket.open(router, "a1");
            sockets.add(in);
            out = PacketSocket.open(router, "b1");
            sockets.add(out);
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    void sh(String... commands) {
        for (String command : commands) {
            router.run(command.split(" "));
        }
    }

    /** Sets a key; the program that does it would ask a terminal, if it had one. */
    void key(long id, SrHmacKey.Algorithm algorithm, String secret) {
        router.run("setsid", "-w", "sh", "-c", "printf '" + secret + "\\n' | ip sr hmac set " + id + " " + algorithm);
    }

    /** Sends a frame to the router. */
    void send(byte[] frame) throws Exception {
        in.send(frame);
    }

    /** The next IPv6 packet that leaves for a SID, without its Ethernet header. */
    byte[] receive() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
        while (System.nanoTime() - deadline < 0) {
            byte[] frame = out.receive(100);
            if (frame != null && frame[12] == (byte) 0x86 && frame[13] == (byte) 0xdd && frame[38] == (byte) 0xfc) {
                return Arrays.copyOfRange(frame, 14, frame.length);
            }
        }
        throw new AssertionError("nothing came within " + DEADLINE_MS + " ms");
    }

    @Override
    public void close() {
        sockets.forEach(PacketSocket::close);
        router.close();
    }
}
