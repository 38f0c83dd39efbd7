package io.weft.offload;

import io.weft.Scapy;
import io.weft.TestSeed;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A super-frame as the kernel would hand it out, and the wire frames it stands for, all built by scapy ({@code truth.py}).
 *
 * @param name its headers, lengths and flags, for those who read failures
 * @param merges whether a receiver that merges by the kernel's rules has to make the one super-frame of the frames
 * @param trueHeaderLength bytes of all headers, where the metadata have a hint
 */
public record ScapyCase(
        String name, boolean merges, VirtioFrame superFrame, int trueHeaderLength, List<byte[]> frames) {
    private static List<ScapyCase> made;

    /** All cases of this run, with a printed seed; skips the calling test where there is no scapy. */
    public static synchronized List<ScapyCase> all() throws Exception {
        Scapy.assumeAvailable();
        if (made == null) {
            made = make(TestSeed.next("ScapyCase") & Long.MAX_VALUE, TestSeed.effort());
        }
        return made;
    }

    private static List<ScapyCase> make(long seed, int effort) throws Exception {
        DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(Scapy.run(ScapyCase.class, "truth.py", seed, effort)));
        List<ScapyCase> cases = new ArrayList<>();
        while (in.available() > 0) {
            cases.add(read(in));
        }
        return List.copyOf(cases);
    }

    private static ScapyCase read(DataInputStream in) throws IOException {
        String name = new String(in.readNBytes(in.readUnsignedShort()), StandardCharsets.UTF_8);
        boolean merges = in.readBoolean();
        int flags = in.readUnsignedByte();
        int gsoType = in.readUnsignedByte();
        int gsoSize = in.readUnsignedShort();
        int headerLength = in.readUnsignedShort();
        int checksumStart = in.readUnsignedShort();
        int checksumOffset = in.readUnsignedShort();
        int trueHeaderLength = in.readUnsignedShort();
        byte[] bytes = in.readNBytes(in.readInt());
        List<byte[]> frames = new ArrayList<>();
        int count = in.readUnsignedShort();
        for (int i = 0; i < count; i++) {
            frames.add(in.readNBytes(in.readInt()));
        }
        return new ScapyCase(
                name,
                merges,
                new VirtioFrame(bytes, flags, gsoType, gsoSize, headerLength, checksumStart, checksumOffset),
                trueHeaderLength,
                frames);
    }

    @Override
    public String toString() {
        return name;
    }
}
