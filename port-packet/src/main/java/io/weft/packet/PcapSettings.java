package io.weft.packet;

import io.weft.port.InvalidPortException;

/**
 * How a {@link PcapPort} is to be, checked.
 *
 * @param interfaceName the interface's name as the system knows it
 * @param name the port's in the switch
 * @param promiscuous whether to receive what is addressed to others
 */
record PcapSettings(String interfaceName, String name, boolean promiscuous) {
    PcapSettings {
        if (interfaceName.isEmpty()) {
            throw new InvalidPortException(
                    "pcap port '': no interface and no file; accepted: " + PcapPortProvider.SYNTAX);
        }
    }
}
