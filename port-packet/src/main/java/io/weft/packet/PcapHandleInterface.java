package io.weft.packet;

import io.weft.port.PortException;
import java.io.EOFException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.PcapDirection;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.PcapNetworkInterface;
import org.pcap4j.core.PcapNetworkInterface.PromiscuousMode;
import org.pcap4j.core.Pcaps;
import org.pcap4j.packet.namednumber.DataLinkType;

/**
 * An interface through pcap4j and libpcap. The only class that links to pcap4j.
 *
 * <p>Threads: as {@link PcapInterface}.
 */
final class PcapHandleInterface implements PcapInterface {
    // After this long receive() returns although nothing came, where breakLoop() does not wake it (before libpcap
    // 1.10).
    private static final int TIMEOUT_MS = 250;

    private static final int SNAP_LENGTH = 65_535;

    // libpcap cuts its buffer into slots of the snap length as long as the interface has an offload on: 256 of them.
    private static final int BUFFER_LENGTH = 16 << 20;

    private final PcapHandle handle;
    private String warning = "";
    private int receivedLength;

    private PcapHandleInterface(PcapHandle handle) {
        this.handle = handle;
    }

    /** As {@link Opener#open}. */
    static PcapInterface open(String name, boolean promiscuous) throws PortException {
        PcapHandle handle;
        try {
            handle = new PcapHandle.Builder(name)
                    .snaplen(SNAP_LENGTH)
                    .promiscuousMode(promiscuous ? PromiscuousMode.PROMISCUOUS : PromiscuousMode.NONPROMISCUOUS)
                    .timeoutMillis(TIMEOUT_MS)
                    .bufferSize(BUFFER_LENGTH)
                    .immediateMode(true)
                    .build();
        } catch (PcapNativeException e) {
            throw PcapAdvice.notOpened(name, e.getMessage(), interfaces(), e);
        }
        if (!handle.getDlt().equals(DataLinkType.EN10MB)) {
            String link = handle.getDlt().name();
            handle.close();
            throw new PortException(
                    "pcap port '" + name + "': the interface's link type is " + link + "; accepted: Ethernet");
        }
        PcapHandleInterface opened = new PcapHandleInterface(handle);
        opened.receiveOnly();
        return opened;
    }

    /**
     * What goes out, ours or the host's, did not come in: the switch would learn its own stations behind this port. (A filter
     * {@code inbound} would keep it out of the buffer already; but libpcap applies a new filter to the next frame itself, and
     * there it knows no directions and drops that frame.)
     */
    private void receiveOnly() {
        try {
            handle.setDirection(PcapDirection.IN);
        } catch (PcapNativeException | NotOpenException e) {
            warning =
                    "libpcap cannot tell what this interface receives from what it sends, and frames that leave by it come"
                            + " in again: " + e.getMessage();
        }
    }

    private static List<String> interfaces() {
        try {
            return Pcaps.findAllDevs().stream()
                    .map(PcapNetworkInterface::getName)
                    .toList();
        } catch (PcapNativeException e) {
            return List.of();
        }
    }

    @Override
    public byte[] receive() throws LostException {
        try {
            byte[] frame = handle.getNextRawPacketEx();
            receivedLength = handle.getOriginalLength();
            return frame;
        } catch (TimeoutException e) {
            return null;
        } catch (EOFException e) {
            return null; // woken up
        } catch (PcapNativeException | NotOpenException e) {
            throw new LostException(e.getMessage(), e);
        }
    }

    @Override
    public int receivedLength() {
        return receivedLength;
    }

    @Override
    public long overruns() {
        try {
            return handle.getStats().getNumPacketsDropped() & 0xffff_ffffL;
        } catch (PcapNativeException | NotOpenException e) {
            return 0;
        }
    }

    @Override
    public String send(byte[] memory, int length) {
        try {
            handle.sendPacket(memory, length);
            return null;
        } catch (PcapNativeException | NotOpenException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public String warning() {
        return warning;
    }

    @Override
    public void wakeup() {
        try {
            handle.breakLoop();
        } catch (NotOpenException e) {
            // nobody waits any more
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
