package io.weft.tap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What this process has open of the kinds that a switch with TAPs opens. */
final class OpenDescriptors {
    private OpenDescriptors() {}

    /** How many of the descriptors are TAPs, epolls, eventfds, sockets or namespaces. */
    static int count() {
        return (int) targets().stream()
                .filter(target -> target.matches(".*(net/tun|\\[eventpoll\\]|\\[eventfd\\]|socket:.*|net:.*|netns/.*)"))
                .count();
    }

    /** How many descriptors the epolls of this process watch, their own eventfds included. */
    static int watched() {
        int watched = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path descriptor : open) {
                try {
                    watched += (int) Files.readAllLines(descriptor).stream()
                            .filter(line -> line.startsWith("tfd:"))
                            .count();
                } catch (IOException closedMeanwhile) {
                    continue;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return watched;
    }

    private static List<String> targets() {
        List<String> targets = new ArrayList<>();
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open) {
                try {
                    targets.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    continue; // as the one this loop reads the directory through
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return targets;
    }
}
