package io.weft.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.VirtualSwitch;
import io.weft.bridge.PortSettings;
import io.weft.bridge.VlanSet;
import io.weft.bridge.VlanSettings;
import io.weft.port.DropReason;
import io.weft.port.PortStatistics;
import io.weft.tap.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Two hosts and the switches between them, run as programs run them: with threads, and with everything at its default.
 *
 * <p>Threads: confined.
 */
final class TransferNetwork implements AutoCloseable {
    /** There is nobody else for broadcasts, and where frames wait for another thread, there may be too many of them. */
    private static final Set<DropReason> EXPECTED_DROPS = EnumSet.of(DropReason.NO_EGRESS, DropReason.TX_QUEUE_FULL);

    private final List<VirtualSwitch> switches = new ArrayList<>();
    private final List<PortStatistics> before = new ArrayList<>();
    private final Between between;
    final TransferHost host1;
    final TransferHost host2;

    TransferNetwork(TransferHost.PortKind kind1, Between between, TransferHost.PortKind kind2, Path folder)
            throws Exception {
        this.between = between;
        host1 = new TransferHost(1, kind1);
        TransferHost second = null;
        boolean complete = false;
        try {
            second = new TransferHost(2, kind2);
            connect(second, folder);
            complete = true;
        } finally {
            if (!complete) {
                switches.forEach(VirtualSwitch::close);
                host1.close();
                if (second != null) {
                    second.close();
                }
            }
        }
        host2 = second;
    }

    private void connect(TransferHost second, Path folder) throws Exception {
        VirtualSwitch near = newSwitch("near");
        VirtualSwitch far = between == Between.ONE_SWITCH ? near : newSwitch("far");
        PortSettings trunk = settings(VlanSettings.trunk(VlanSet.of(10)));
        switch (between) {
            case ONE_SWITCH -> {}
            case PATCH, PATCH_TRUNK -> {
                near.add("patch:" + near.name() + "?peer=" + far.name(), trunk);
                far.add("patch:" + far.name() + "?peer=" + near.name(), trunk);
            }
            case WEBSOCKET, WEBSOCKET_TRUNK -> {
                String address = "127.0.0.1:" + freePort() + "/";
                near.add("ws-listen://" + address, trunk);
                far.add("ws://" + address, trunk);
            }
            case QEMU -> {
                Path socket = folder.resolve("joint.sock");
                near.add("qemu:" + socket, trunk);
                far.add("qemu:" + socket + "?role=connect", trunk);
            }
        }
        if (between != Between.ONE_SWITCH) {
            for (VirtualSwitch lan : switches) {
                NetworkNamespace.await(
                        "the switches to be joined",
                        () -> lan.ports().size() == 1 && lan.ports().get(0).up());
            }
        }
        PortSettings access = settings(VlanSettings.access(10));
        host1.plugInto(near, access);
        second.plugInto(far, access);
        switches.forEach(lan -> before.add(lan.statistics()));
    }

    private VirtualSwitch newSwitch(String role) {
        VirtualSwitch lan = VirtualSwitch.builder()
                .name(role + "-" + host1.namespace.name())
                .build();
        switches.add(lan);
        return lan;
    }

    private PortSettings settings(VlanSettings vlans) {
        return between.tagged() ? PortSettings.builder().vlans(vlans).build() : PortSettings.DEFAULT;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void mtu(int bytes) {
        host1.mtu(bytes);
        host2.mtu(bytes);
    }

    /** Starts what the hosts run. */
    void start(Path folder, Path content1, Path content2) throws Exception {
        host1.start(folder, content1);
        host2.start(folder, content2);
    }

    /** What a port has received and sent. */
    PortStatistics statistics(String port) {
        return switches.stream()
                .flatMap(lan -> lan.ports().stream())
                .filter(status -> status.name().equals(port))
                .findFirst()
                .orElseThrow()
                .statistics();
    }

    /** Waits until the switches are at rest, and checks what they have dropped. */
    void assertBooksBalance() throws InterruptedException {
        for (int i = 0; i < switches.size(); i++) {
            VirtualSwitch lan = switches.get(i);
            NetworkNamespace.await(
                    "no frame unaccounted for: " + lan.statistics(),
                    () -> lan.statistics().unaccounted() == 0);
            PortStatistics earlier = before.get(i);
            PortStatistics sums = lan.statistics();
            assertThat(sums.drops().keySet().stream().filter(reason -> sums.dropped(reason) > earlier.dropped(reason)))
                    .as("drops of %s", sums)
                    .isSubsetOf(EXPECTED_DROPS);
            if (between == Between.ONE_SWITCH) {
                assertThat(sums.dropped(DropReason.TX_QUEUE_FULL))
                        .as("%s", sums)
                        .isZero();
            }
        }
    }

    @Override
    public void close() throws IOException {
        switches.forEach(VirtualSwitch::close);
        host1.close();
        host2.close();
        for (VirtualSwitch lan : switches) {
            assertThat(lan.statistics().unaccounted())
                    .as("%s", lan.statistics())
                    .isZero();
        }
    }
}
