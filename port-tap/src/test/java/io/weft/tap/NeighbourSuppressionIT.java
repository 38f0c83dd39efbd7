package io.weft.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.frame.MacAddress;
import io.weft.port.MemoryPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Answers of the switch to ARP requests and neighbour solicitations, as a Linux host takes them: it resolves addresses of a
 * station that sends nothing itself.
 */
@Timeout(120)
class NeighbourSuppressionIT {
    private static final String MAC = "02:00:00:00:00:42";
    private static final int ARP = 0x0806;
    private static final int NEIGHBOUR_SOLICITATION = 135;

    private final Set<String> asked = ConcurrentHashMap.newKeySet(); // addresses whose requests were flooded
    private NetworkNamespace host;
    private VirtualSwitch lan;

    @BeforeAll
    static void probe() {
        NetworkNamespace.assumeAvailable();
        NetworkNamespace.assumeProgram("bash");
    }

    @BeforeEach
    void start() throws Exception {
        host = NetworkNamespace.create("asks");
        // Usable at once: duplicates are not looked for.
        host.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0");
        lan = VirtualSwitch.create();
        lan.add(
                TapPort.builder("t0")
                        .netns(host.name())
                        .address("10.9.0.1/24")
                        .address("fd09::1/64")
                        .build(),
                PortSettings.builder().suppressNeighbours(true).build());
        lan.add(new MemoryPort("others").onFrame(this::note));
    }

    @AfterEach
    void end() {
        lan.close();
        host.close();
    }

    /** Notes whose address a frame asks for. */
    private void note(ByteBuffer sent) {
        ByteBuffer frame = sent.slice();
        int type = frame.getShort(12) & 0xffff;
        if (type == ARP) {
            asked.add(address(frame, 38, 4));
        } else if (type == 0x86dd && frame.get(20) == 58 && (frame.get(54) & 0xff) == NEIGHBOUR_SOLICITATION) {
            asked.add(address(frame, 62, 16));
        }
    }

    private static String address(ByteBuffer frame, int offset, int length) {
        byte[] bytes = new byte[length];
        frame.get(offset, bytes);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has the host send something, for which it needs to know a neighbour. */
    private void send(String address) {
        host.run("bash", "-c", "echo > /dev/udp/" + address + "/9");
    }

    private String entry(String address) {
        return host.run("ip", "neigh", "show", address, "dev", "t0");
    }

    private static String canonical(String address) throws Exception {
        return InetAddress.getByName(address).getHostAddress();
    }

    @Test
    void shouldHaveAHostResolveKnownNeighboursAndAskTheOthersForUnknownOnes() throws Exception {
        for (String known : new String[] {"10.9.0.66", "fd09::66"}) {
            lan.neighbours().bind(0, InetAddress.getByName(known), MacAddress.parse(MAC));
            send(known);
            NetworkNamespace.await(known + " is resolved", () -> entry(known).contains("lladdr " + MAC));
            assertThat(entry(known)).containsAnyOf("REACHABLE", "DELAY", "STALE");
        }
        for (String unknown : new String[] {"10.9.0.67", "fd09::67"}) {
            String address = canonical(unknown);
            send(unknown);
            NetworkNamespace.await(unknown + " is asked for", () -> asked.contains(address));
            assertThat(entry(unknown)).doesNotContain("lladdr");
        }
        assertThat(asked).doesNotContain("10.9.0.66", canonical("fd09::66"));
    }

    @Test
    void shouldAskTheOthersWhenToldToSuppressNothing() throws Exception {
        lan.port("t0").change(settings -> settings.suppressNeighbours(false));
        for (String known : new String[] {"10.9.0.66", "fd09::66"}) {
            lan.neighbours().bind(0, InetAddress.getByName(known), MacAddress.parse(MAC));
            String address = canonical(known);
            send(known);
            NetworkNamespace.await(known + " is asked for", () -> asked.contains(address));
            assertThat(entry(known)).doesNotContain("lladdr");
        }
    }
}
