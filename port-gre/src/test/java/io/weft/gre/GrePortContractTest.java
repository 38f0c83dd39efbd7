package io.weft.gre;

import io.weft.port.PortContractTest;
import io.weft.port.PortDriver;
import io.weft.tunnel.InnerFrames;
import io.weft.underlay.MemoryHost;
import io.weft.underlay.MemoryNetwork;
import io.weft.underlay.UnderlayPeer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A gretap port over a network in memory, under a switch with threads; the far end is the network's observer. */
class GrePortContractTest extends PortContractTest {
    private static final UnderlayPeer US = GreLab.peer("10.0.0.1", 0);
    private static final UnderlayPeer PEER = GreLab.peer("10.0.0.2", 0);
    private static final int KEY = 100;

    @Override
    protected Peer newPeer() {
        return peer("gretap:g?csum=true&remote_ip=10.0.0.2&key=" + KEY, 1_468);
    }

    /** The far end of a port; 28 or 32 bytes of an MTU of 1,500 are headers. */
    static Peer peer(String uri, int maxFrameLength) {
        boolean layer3 = uri.startsWith("gre:");
        MemoryNetwork network = new MemoryNetwork();
        MemoryHost host = network.host(GreLab.address("10.0.0.1"));
        MemoryHost far = network.host(GreLab.address("10.0.0.2"));
        BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
        network.observe(datagram -> {
            if (datagram.to().equals(PEER)) {
                byte[] inner = GreBytes.inner(datagram.bytes());
                arrived.add(layer3 ? InnerFrames.framed(inner) : inner);
            }
        });
        GrePort port = GreSite.port(uri, host);
        return new Peer() {
            @Override
            public PortDriver driver() {
                return port;
            }

            @Override
            public void send(byte[] frame) {
                byte[] packet = layer3
                        ? GreBytes.Fields.PLAIN
                                .type((frame[12] & 0xff) << 8 | frame[13] & 0xff)
                                .key(KEY)
                                .packet(InnerFrames.bare(frame))
                        : GreBytes.packet(KEY, frame);
                network.inject(GreLab.GRE, packet, PEER, US);
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
