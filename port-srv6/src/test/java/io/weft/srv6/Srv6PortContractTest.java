package io.weft.srv6;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.port.PortUri;
import io.weft.route.RouteTables;
import io.weft.srv6.Srv6Bytes.Outer;
import io.weft.tunnel.InnerFrames;
import io.weft.tunnel.TunnelLab;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.MemoryNetwork;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A port of Ethernet frames over a network in memory, under a switch with threads; the far end is the network's observer. */
class Srv6PortContractTest extends PortContractTest {
    @Override
    protected Peer newPeer() {
        return peer("srv6:s?mode=bridge", false, 1_500 - 64);
    }

    /** The far end of a port with a whole list of one segment. */
    static Peer peer(String uri, boolean layer3, int maxFrameLength) {
        MemoryNetwork network = new MemoryNetwork();
        MemoryHost host = network.host(TunnelLab.address("fc00:1::1"));
        MemoryHost far = network.host(TunnelLab.address("fc00:2::1"));
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        network.observe(datagram -> {
            if (datagram.to().equals(TunnelLab.peer("fc00:2::1", 0))) {
                byte[] inner = Srv6Bytes.inner(Srv6Lab.bytes(datagram));
                arrived.add(layer3 ? InnerFrames.framed(inner) : inner);
            }
        });
        Srv6Settings settings = Srv6Options.create(PortUri.parse(uri + "&local_ip=fc00:1::1&remote_ip=fc00:2::1"))
                .settings();
        Srv6Port port = new Srv6Port(settings, new RouteTables(), host);
        return new Peer() {
            @Override
            public PortDriver driver() {
                return port;
            }

            @Override
            public void send(byte[] frame) {
                Outer outer = Outer.to("fc00:2::1", "fc00:1::1");
                network.inject(Srv6Lab.datagram(layer3 ? outer.packet(frame) : outer.ethernet(frame)));
            }

            @Override
            public byte[] receive(long timeoutMs) throws InterruptedException {
                return arrived.poll(timeoutMs, TimeUnit.MILLISECONDS);
            }

            @Override
            public int maxFrameLength() {
                return maxFrameLength;
            }

            @Override
            public boolean layer3() {
                return layer3;
            }

            @Override
            public void close() {
                far.down(true);
            }
        };
    }
}
