package io.weft.tap;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.frame.Frame;
import io.weft.offload.VirtioFrame;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel makes of super-frames and of partial checksums when it has to send them through a device that can do
 * neither: a Python program of its own ({@code kernel_gso.py}) writes them to a TAP and reads the wire frames from another.
 */
final class KernelSegments {
    static final String PYTHON = "/usr/bin/python3";

    private KernelSegments() {}

    static void assumeAvailable() {
        NetworkNamespace.assumeAvailable();
        assumeTrue(Files.isExecutable(Path.of(PYTHON)), "skipped: no " + PYTHON);
    }

    /** The frames that come out, for each of those that go in; files are made in {@code folder}. */
    static List<List<byte[]>> of(List<VirtioFrame> frames, Path folder) throws IOException {
        Path in = Files.createTempFile(folder, "super", ".bin");
        Path out = Files.createTempFile(folder, "wire", ".bin");
        try (DataOutputStream records = new DataOutputStream(Files.newOutputStream(in))) {
            for (VirtioFrame frame : frames) {
                write(frame, records);
            }
        }
        Path script = script("kernel_gso.py", folder);
        try (NetworkNamespace namespace = NetworkNamespace.create("gso")) {
            String said = namespace.run(PYTHON, script.toString(), in.toString(), out.toString());
            if (!said.isEmpty()) {
                throw new AssertionError(said);
            }
        }
        List<List<byte[]>> made = new ArrayList<>();
        try (DataInputStream records = new DataInputStream(Files.newInputStream(out))) {
            while (made.size() < frames.size()) {
                List<byte[]> segments = new ArrayList<>();
                for (int left = records.readInt(); left > 0; left--) {
                    segments.add(records.readNBytes(records.readInt()));
                }
                made.add(segments);
            }
        }
        return made;
    }

    /** A record for one of the Python programs. */
    static void write(VirtioFrame frame, DataOutputStream records) throws IOException {
        records.writeInt(10 + frame.bytes().length);
        records.write(header(frame));
        records.write(frame.bytes());
    }

    /** One of the Python programs beside this class, as a file. */
    static Path script(String name, Path folder) throws IOException {
        Path script = folder.resolve(name);
        if (!Files.exists(script)) {
            try (InputStream text = KernelSegments.class.getResourceAsStream(name)) {
                Files.copy(text, script);
            }
        }
        return script;
    }

    /** The virtio_net_hdr that says what the metadata do. */
    private static byte[] header(VirtioFrame frame) {
        boolean partial = (frame.flags() & Frame.OFFLOAD_CHECKSUM_PARTIAL) != 0;
        boolean gso = frame.gsoType() != 0;
        return ByteBuffer.allocate(10)
                .order(ByteOrder.nativeOrder())
                .put((byte) (partial ? 1 : 0))
                .put((byte) frame.gsoType())
                .putShort((short) (gso ? frame.headerLength() : 0))
                .putShort((short) (gso ? frame.gsoSize() : 0))
                .putShort((short) (partial ? frame.checksumStart() : 0))
                .putShort((short) (partial ? frame.checksumOffset() : 0))
                .array();
    }
}
