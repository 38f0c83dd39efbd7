package io.weft.tap;

import io.weft.port.PortException;
import io.weft.worker.AttachedDriver;

/** Two hosts, each with a TAP called eth1 or eth2. */
public final class TwoHosts extends HostPair {
    /** The first host's port, once it is plugged in. */
    public AttachedDriver port1;

    /** The second host's. */
    public AttachedDriver port2;

    /** Adds the two devices, with more options if there are any ({@code "&mtu=9000"}). */
    public TwoHosts plugIn(String options) throws PortException {
        orClose(() -> {
            port1 = lan.add("tap:eth1?address=10.9.0.1/24&address=fd09::1/64&hwaddr=" + MAC_1 + "&netns=" + host1.name()
                    + options);
            port2 = lan.add("tap:eth2?address=10.9.0.2/24&address=fd09::2/64&hwaddr=" + MAC_2 + "&netns=" + host2.name()
                    + options);
        });
        return this;
    }
}
