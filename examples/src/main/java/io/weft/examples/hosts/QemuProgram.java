package io.weft.examples.hosts;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The installed QEMU.
 *
 * @param file the program
 * @param version such as {@code 7.2.22}
 */
public record QemuProgram(Path file, String version) {
    private static final String NAME = "qemu-system-x86_64";
    private static final Pattern VERSION = Pattern.compile("version ((\\d+)\\.(\\d+)[.\\d]*)");
    private static final Duration VERSION_LIMIT = Duration.ofSeconds(20);

    /** @throws HostException if there is none, or one older than 7.2 */
    public static QemuProgram find() throws HostException {
        Path file = LocalMachine.requireProgram(NAME, "qemu-system-x86");
        return new QemuProgram(
                file,
                requireStreamNetdev(
                        file, String.join("\n", Command.run(VERSION_LIMIT, List.of(file.toString(), "--version")))));
    }

    /** {@code -netdev stream}, frames over a unix socket, came with QEMU 7.2. */
    static String requireStreamNetdev(Path file, String versionOutput) throws HostException {
        Matcher matcher = VERSION.matcher(versionOutput);
        if (!matcher.find()) {
            throw new HostException(file + " --version says '" + versionOutput + "', which tells no version");
        }
        int major = Integer.parseInt(matcher.group(2));
        int minor = Integer.parseInt(matcher.group(3));
        if (major < 7 || (major == 7 && minor < 2)) {
            throw new HostException(file + " is version " + matcher.group(1)
                    + "; -netdev stream needs 7.2 or newer, which Debian 12 has: "
                    + LocalMachine.asRoot("apt-get install --no-install-recommends qemu-system-x86"));
        }
        return matcher.group(1);
    }
}
