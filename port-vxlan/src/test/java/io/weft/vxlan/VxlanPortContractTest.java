package io.weft.vxlan;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.UnderlayPeer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A VXLAN port over a network in memory, under a switch with threads; the far end is the network's observer. */
class VxlanPortContractTest extends PortContractTest {
    private static final UnderlayPeer US = VxlanLab.peer("10.0.0.1", VxlanLab.PORT);
    private static final UnderlayPeer PEER = VxlanLab.peer("10.0.0.2", VxlanLab.PORT);
    private static final int VNI = 100;

    @Override
    protected Peer newPeer() {
        MemoryNetwork network = new MemoryNetwork();
        MemoryHost host = network.host(VxlanLab.address("10.0.0.1"));
        MemoryHost far = network.host(VxlanLab.address("10.0.0.2"));
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        network.observe(datagram -> {
            if (datagram.to().equals(PEER)) {
                arrived.add(VxlanBytes.inner(datagram.bytes()));
            }
        });
        String options = "key=" + VNI + "&inner_tags=carry&remote_ip=10.0.0.2";
        VxlanPort port = new VxlanPort(VxlanSite.settings("vxlan:vx?" + options), host);
        return new Peer() {
            @Override
            public PortDriver driver() {
                return port;
            }

            @Override
            public void send(byte[] frame) {
                network.inject(VxlanBytes.packet(VNI, frame), PEER, US);
            }

            @Override
            public byte[] receive(long timeoutMs) throws InterruptedException {
                return arrived.poll(timeoutMs, TimeUnit.MILLISECONDS);
            }

            @Override
            public int maxFrameLength() {
                return 1_464; // what 1,500 bytes of the underlay have room for
            }

            @Override
            public void close() {
                far.down(true);
            }
        };
    }
}
