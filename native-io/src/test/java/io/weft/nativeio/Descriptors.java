package io.weft.nativeio;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Descriptors to watch, made of eventfds, and what this process has open. */
final class Descriptors {
    private static final LibC LIBC = Linux.libc();

    private Descriptors() {}

    /** A descriptor that is readable after {@link #makeReadable} and always writable. */
    static int open() throws IOException {
        return NativeException.check("eventfd", LIBC.eventfd(0, LibC.EFD_NONBLOCK | LibC.CLOEXEC));
    }

    static void makeReadable(int descriptor) {
        NativeMemory one = new NativeMemory(8);
        one.bytes().putLong(0, 1);
        LIBC.write(descriptor, one.address(), 8);
    }

    /** Reads the eventfd's count, which makes it unreadable; 0 when it was unreadable. */
    static long drain(int descriptor) {
        NativeMemory count = new NativeMemory(8);
        return LIBC.read(descriptor, count.address(), 8) < 0 ? 0 : count.bytes().getLong(0);
    }

    /** How many of this process's descriptors are eventfds or epolls. */
    static int waiting() throws IOException {
        int found = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    found += target.contains("[eventpoll]") || target.contains("[eventfd]") ? 1 : 0;
                } catch (IOException closedMeanwhile) {
                    continue; // as the one this loop reads the directory through
                }
            }
        }
        return found;
    }
}
