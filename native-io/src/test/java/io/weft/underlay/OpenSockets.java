package io.weft.underlay;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has open of the kinds that opening a socket opens. Threads: any. */
final class OpenSockets {
    private OpenSockets() {}

    /** How many descriptors are sockets or network namespaces; the JVM opens other files whenever it likes. */
    static int count() throws IOException {
        int found = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    found += target.matches("socket:.*|net:.*|.*/netns/.*|.*/ns/net") ? 1 : 0;
                } catch (IOException closedMeanwhile) {
                    continue; // as the one this loop reads the directory through
                }
            }
        }
        return found;
    }
}
