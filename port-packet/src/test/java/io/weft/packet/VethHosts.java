package io.weft.packet;

import io.weft.port.PortException;
import io.weft.tap.HostPair;
import io.weft.tap.NetworkNamespace;

/** Two hosts, and a third namespace with the switch's ends of their cables, {@code p1} and {@code p2}. */
final class VethHosts extends HostPair {
    NetworkNamespace site;

    VethHosts() throws PortException {
        this(1_500);
    }

    VethHosts(int mtu) throws PortException {
        orClose(() -> {
            site = namespace("site");
            site.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
            connect(host1, "1", MAC_1, mtu);
            connect(host2, "2", MAC_2, mtu);
        });
    }

    private void connect(NetworkNamespace host, String number, String mac, int mtu) {
        site.run(("ip link add p" + number + " mtu " + mtu + " type veth peer name eth0 mtu " + mtu + " address " + mac
                        + " netns " + host.name())
                .split(" "));
        host.run("ip", "address", "add", "10.9.0." + number + "/24", "dev", "eth0");
        host.run("ip", "address", "add", "fd09::" + number + "/64", "dev", "eth0");
        host.run("ip", "link", "set", "eth0", "up");
        site.run("ip", "link", "set", "p" + number, "up");
    }

    /** Adds both ports, each with more options if there are any ({@code "&offload=off"}). */
    VethHosts plugIn(String options1, String options2) throws PortException {
        orClose(() -> {
            lan.add("packet:p1?netns=" + site.name() + options1);
            lan.add("packet:p2?netns=" + site.name() + options2);
        });
        return this;
    }
}
