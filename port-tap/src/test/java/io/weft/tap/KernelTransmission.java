package io.weft.tap;

import io.weft.offload.VirtioFrame;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel sends to a TAP that takes super-frames while one of its hosts sends a file to another: run by a Python
 * program ({@code kernel_tso.py}) without any of our code in between.
 */
final class KernelTransmission {
    /** Bytes in a super-frame of datagrams; each datagram but the last of them has 1,000. */
    static final int SENT_AT_ONCE = 40_500;

    private KernelTransmission() {}

    /**
     * The sending host's frames in their order, with what their virtio_net_hdr says.
     *
     * @param protocol tcp or udp
     * @param family 4 or 6
     */
    static List<VirtioFrame> of(byte[] payload, String protocol, int family, int mtu, Path folder) throws IOException {
        Path in = Files.write(folder.resolve("payload"), payload);
        Path out = folder.resolve("frames");
        String script = KernelSegments.script("kernel_tso.py", folder).toString();
        try (NetworkNamespace near = NetworkNamespace.create("near");
                NetworkNamespace far = NetworkNamespace.create("far")) {
            String said = near.run(
                    KernelSegments.PYTHON,
                    script,
                    far.name(),
                    out.toString(),
                    in.toString(),
                    protocol,
                    "" + family,
                    "" + mtu);
            if (!said.isEmpty()) {
                throw new AssertionError(said);
            }
        }
        List<VirtioFrame> frames = new ArrayList<>();
        try (DataInputStream records = new DataInputStream(Files.newInputStream(out))) {
            while (records.available() > 0) {
                frames.add(frame(records.readNBytes(records.readInt())));
            }
        }
        return frames;
    }

    private static VirtioFrame frame(byte[] record) {
        ByteBuffer header = ByteBuffer.wrap(record).order(ByteOrder.nativeOrder());
        int flags = header.get();
        int gsoType = header.get() & 0xff;
        int headerLength = header.getShort() & 0xffff;
        int gsoSize = header.getShort() & 0xffff;
        int checksumStart = header.getShort() & 0xffff;
        int checksumOffset = header.getShort() & 0xffff;
        byte[] bytes = new byte[header.remaining()];
        header.get(bytes);
        return new VirtioFrame(bytes, flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset);
    }
}
