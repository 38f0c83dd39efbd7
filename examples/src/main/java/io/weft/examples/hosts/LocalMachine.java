package io.weft.examples.hosts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What this machine has and what this process may do, and the commands that change it. */
final class LocalMachine {
    /** May configure the network. Bit number in capability sets, from linux/capability.h. */
    static final int CAP_NET_ADMIN = 12;

    /** May mount, and make network namespaces. */
    static final int CAP_SYS_ADMIN = 21;

    /** Where Debian puts system programs; not in the PATH of users who are not root. */
    private static final List<String> SYSTEM_FOLDERS = List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin");

    private LocalMachine() {}

    /** Where a program is, if it is installed. */
    static Optional<Path> program(String name) {
        for (String folder :
                (System.getenv().getOrDefault("PATH", "") + ":" + String.join(":", SYSTEM_FOLDERS)).split(":", -1)) {
            Path file = Path.of(folder, name);
            if (!folder.isEmpty() && Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** @throws HostException if it is not installed, naming the command that installs it */
    static Path requireProgram(String name, String debianPackage) throws HostException {
        return program(name)
                .orElseThrow(() -> new HostException(name + " is not installed; "
                        + asRoot("apt-get install --no-install-recommends " + debianPackage)));
    }

    /** Whether this process has a capability, such as {@link #CAP_NET_ADMIN}. */
    static boolean hasCapability(int number) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    long effective = Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16);
                    return (effective & (1L << number)) != 0;
                }
            }
        } catch (IOException e) {
            return false; // not Linux
        }
        return false;
    }

    /** A command line for people to copy, with sudo where they need it. */
    static String asRoot(String command) {
        return "root".equals(System.getProperty("user.name")) ? command : "sudo " + command;
    }
}
