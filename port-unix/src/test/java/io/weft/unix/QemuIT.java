package io.weft.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.port.DropReason;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against QEMU itself. Its machine has no disk, so its network boot firmware (iPXE) asks for an address by DHCP; the test
 * answers from the switch's other port, and sees by the next question that the answer was understood.
 */
class QemuIT {
    private static final int MESSAGE_TYPE = 53;
    private static final int DISCOVER = 1;
    private static final int REQUEST = 3;
    private static final int REQUESTED_ADDRESS = 50;
    private static final byte[] OFFERED = {10, 99, 0, 2};

    private static final int UDP = 14 + 20;
    private static final int BOOTP = UDP + 8;
    private static final int OPTIONS = BOOTP + 240;

    @TempDir
    Path directory;

    @Test
    void shouldPlugInVmsThatConnect() throws Exception {
        Path path = directory.resolve("lan.sock");
        String netdev = "stream,id=n0,server=off,addr.type=unix,addr.path=" + path;
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path);
            try (PeerProcess first = PeerProcess.qemu(netdev, "52:54:00:00:00:01");
                    PeerProcess second = PeerProcess.qemu(netdev, "52:54:00:00:00:02")) {
                negotiate(lan, "525400000001");
                negotiate(lan, "525400000002");
                assertThat(lan.vmPorts()).containsExactlyInAnyOrder("lan-1", "lan-2");
                for (String port : lan.vmPorts()) {
                    assertThat(lan.statistics(port).rxFrames()).isPositive();
                    assertThat(lan.statistics(port).txFrames()).isPositive();
                }
                assertThat(lan.lan.fdb().stations()).anyMatch(station -> station.mac() == 0x5254_0000_0001L);
            }
            ThreadedLan.await("the ports to leave", () -> lan.vmPorts().isEmpty());
            lan.awaitConservation();
            assertThat(lan.lan.statistics().dropped(DropReason.MALFORMED)).isZero();
        }
    }

    @Test
    void shouldConnectToAVmThatListensAndComesBack() throws Exception {
        Path path = directory.resolve("vm.sock");
        String netdev = "stream,id=n0,server=on,addr.type=unix,addr.path=" + path;
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?role=connect&reconnect_min=20ms&reconnect_max=200ms");
            for (int life = 0; life < 2; life++) {
                try (PeerProcess vm = PeerProcess.qemu(netdev, "52:54:00:00:00:03")) {
                    negotiate(lan, "525400000003");
                    assertThat(lan.port("vm").orElseThrow().up()).isTrue();
                }
                ThreadedLan.await(
                        "the port to be down",
                        () -> !lan.port("vm").orElseThrow().up());
            }
            lan.awaitConservation();
        }
    }

    @Test
    void shouldExchangeDatagramsWithAVm() throws Exception {
        Path path = directory.resolve("switch.sock");
        Path peer = directory.resolve("vm.sock");
        String netdev = "dgram,id=n0,local.type=unix,local.path=" + peer + ",remote.type=unix,remote.path=" + path;
        try (ThreadedLan lan = new ThreadedLan()) {
            lan.lan.add("qemu:" + path + "?mode=dgram&peer=" + peer + "&name=vm");
            for (int life = 0; life < 2; life++) {
                try (PeerProcess vm = PeerProcess.qemu(netdev, "52:54:00:00:00:04")) {
                    negotiate(lan, "525400000004");
                    assertThat(lan.statistics("vm").txFrames()).isPositive();
                }
                ThreadedLan.await(
                        "the port to be down",
                        () -> !lan.port("vm").orElseThrow().up());
            }
            lan.awaitConservation();
        }
    }

    // ---- DHCP (RFC 2131), as much as tells that frames pass both ways ----

    private static void negotiate(ThreadedLan lan, String mac) throws InterruptedException {
        byte[] source = HexFormat.of().parseHex(mac);
        byte[] discover = lan.next("a DHCPDISCOVER of " + mac, frame -> isFrom(frame, source, DISCOVER));
        lan.send(offer(discover));
        byte[] request = lan.next("a DHCPREQUEST of " + mac, frame -> isFrom(frame, source, REQUEST));
        assertThat(option(request, REQUESTED_ADDRESS)).isEqualTo(OFFERED);
    }

    private static boolean isFrom(byte[] frame, byte[] source, int type) {
        return Arrays.equals(frame, 6, 12, source, 0, 6)
                && frame.length > OPTIONS
                && ByteBuffer.wrap(frame).getInt(UDP) == (68 << 16 | 67)
                && Arrays.equals(option(frame, MESSAGE_TYPE), new byte[] {(byte) type});
    }

    private static byte[] option(byte[] frame, int wanted) {
        for (int i = OPTIONS; i + 1 < frame.length && frame[i] != (byte) 0xff; i += 2 + frame[i + 1]) {
            if (frame[i] == wanted) {
                return Arrays.copyOfRange(frame, i + 2, i + 2 + frame[i + 1]);
            }
        }
        return null;
    }

    private static byte[] offer(byte[] discover) {
        byte[] options = HexFormat.of().parseHex("350102" + "36040a630001" + "330400000e10" + "0104ffffff00" + "ff");
        byte[] frame =
                Arrays.copyOf(discover, OPTIONS + options.length); // keeps the transaction and the client's address
        ByteBuffer offer = ByteBuffer.wrap(frame);
        offer.put(0, new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, (byte) 0xaa});
        offer.putShort(16, (short) (frame.length - 14)).putShort(24, (short) 0); // IPv4: total length, checksum
        offer.put(26, new byte[] {10, 99, 0, 1, -1, -1, -1, -1});
        int sum = 0;
        for (int i = 14; i < UDP; i += 2) {
            sum += offer.getShort(i) & 0xffff;
        }
        offer.putShort(24, (short) ~((sum & 0xffff) + (sum >>> 16)));
        offer.putInt(UDP, 67 << 16 | 68)
                .putShort(UDP + 4, (short) (frame.length - UDP))
                .putShort(UDP + 6, (short) 0);
        offer.put(BOOTP, (byte) 2).put(BOOTP + 16, OFFERED).put(BOOTP + 20, new byte[] {10, 99, 0, 1});
        offer.put(OPTIONS, options);
        return frame;
    }
}
