package io.weft.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads a pcapng file as another program would, up to its last whole block; written from the format's draft. */
public record PcapngReader(List<String> interfaces, List<Integer> snapLengths, List<Packet> packets) {
    /** One enhanced packet block. */
    public record Packet(String port, long timestampNs, byte[] bytes, int originalLength, int flags, String comment) {
        public boolean isInbound() {
            return flags == 1;
        }
    }

    public static PcapngReader read(Path path) throws IOException {
        return read(Files.readAllBytes(path));
    }

    static PcapngReader read(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        PcapngReader content = new PcapngReader(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int at = 0;
        while (at + 12 <= file.limit() && at + file.getInt(at + 4) <= file.limit()) {
            int length = file.getInt(at + 4);
            require(length >= 12 && length % 4 == 0 && file.getInt(at + length - 4) == length, "block length", at);
            content.readBlock(file.slice(at + 8, length - 12).order(ByteOrder.LITTLE_ENDIAN), file.getInt(at), at);
            at += length;
        }
        return content;
    }

    private void readBlock(ByteBuffer body, int type, int at) {
        switch (type) {
            case 0x0A0D0D0A -> require(at == 0 && body.getInt() == 0x1A2B3C4D, "byte order", at);
            case 1 -> {
                require(body.getShort() == 1, "link type", at);
                body.getShort();
                snapLengths.add(body.getInt());
                interfaces.add(text(option(body, 2)));
            }
            case 6 -> {
                int port = body.getInt();
                require(port < interfaces.size(), "interface number", at);
                long time = (long) body.getInt() << 32 | body.getInt() & 0xFFFF_FFFFL;
                byte[] kept = new byte[body.getInt()];
                int original = body.getInt();
                body.get(kept).position((body.position() + 3) & ~3);
                int options = body.position();
                int flags = option(body, 2).order(ByteOrder.LITTLE_ENDIAN).getInt();
                body.position(options);
                packets.add(new Packet(interfaces.get(port), time, kept, original, flags, text(option(body, 1))));
            }
            default -> require(false, "block type " + type, at);
        }
    }

    /** The value of an option behind the position; empty when it is not there. */
    private static ByteBuffer option(ByteBuffer body, int wanted) {
        while (body.hasRemaining()) {
            int code = body.getShort();
            int length = body.getShort();
            if (code == wanted) {
                return body.slice(body.position(), length);
            }
            body.position((body.position() + length + 3) & ~3);
        }
        return ByteBuffer.allocate(0);
    }

    private static String text(ByteBuffer option) {
        return StandardCharsets.UTF_8.decode(option).toString();
    }

    private static void require(boolean condition, String what, int at) {
        if (!condition) {
            throw new AssertionError("bad " + what + " in the block at " + at);
        }
    }
}
