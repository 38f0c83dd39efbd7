package io.weft.examples.hosts;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The tiny Linux that the virtual machines run, made by {@code bin/guest-image}: a kernel and an initial file system.
 *
 * @param folder what the script printed; holds both files
 */
public record GuestImage(Path folder) {
    private static final String SCRIPT = "bin/guest-image";
    private static final String LOG_PREFIX = "guest-image: ";

    /** Made once, with a download of 28 MB. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    public Path kernel() {
        return folder.resolve("vmlinuz");
    }

    public Path initrd() {
        return folder.resolve("initrd.img");
    }

    /**
     * The image, made first if need be.
     *
     * @param progress hears what the script says while it works; nothing if the image is there already
     * @throws HostException if it cannot be made, with the script's reason
     */
    public static GuestImage make(Consumer<String> progress) throws HostException {
        Path script = script();
        List<String> lines = Command.run(LIMIT, List.of(script.toString()), line -> {
            if (line.startsWith(LOG_PREFIX)) {
                progress.accept(line.substring(LOG_PREFIX.length()));
            }
        });
        GuestImage image = new GuestImage(Path.of(lines.isEmpty() ? "" : lines.get(lines.size() - 1)));
        if (!Files.isReadable(image.kernel()) || !Files.isReadable(image.initrd())) {
            throw new HostException(script + " printed no folder with a kernel and an initrd in it: " + lines);
        }
        return image;
    }

    /** In the checkout that {@code -Dweft.home} names, or else the one that we run in. */
    private static Path script() throws HostException {
        String home = System.getProperty("weft.home");
        Path start = Path.of(home != null ? home : "").toAbsolutePath();
        for (Path folder = start; folder != null; folder = home != null ? null : folder.getParent()) {
            Path script = folder.resolve(SCRIPT);
            if (Files.isExecutable(script)) {
                return script;
            }
        }
        throw new HostException("there is no " + SCRIPT + " in " + start + (home != null ? "" : " or above it")
                + "; run with -Dweft.home=FOLDER, the folder of the Weft checkout");
    }
}
