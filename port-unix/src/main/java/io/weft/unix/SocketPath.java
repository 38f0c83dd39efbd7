package io.weft.unix;

import io.weft.port.InvalidPortException;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import jnr.constants.platform.Errno;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * The file that a bound socket is known by: whether it can be made, whose it is, and its removal.
 *
 * <p>Threads: confined to whoever opens and closes the driver.
 */
final class SocketPath {
    /** Bytes of a socket address' path, without the final NUL (unix(7)). */
    static final int LONGEST = 107;

    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;

    private final Path path;
    private Object boundFile; // identity of the file that our bind made

    SocketPath(Path path) {
        this.path = path;
    }

    /**
     * Checks a path that is to be bound or connected to.
     *
     * @param option how the user calls it
     */
    static Path require(String option, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            throw new InvalidPortException("qemu port: " + option + " is '" + text.replace("\0", "\\0")
                    + "'; accepted: the path of a socket file, as qemu:/run/vm.sock");
        }
        if (length > LONGEST) {
            throw new InvalidPortException("qemu port: " + option + " '" + text + "' has " + length
                    + " bytes; accepted: at most " + LONGEST + ", which is all that a unix socket's address can hold");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidPortException(
                    "qemu port: " + option + " '" + text + "' cannot be a file's name here (" + e.getReason()
                            + "); accepted: characters that the locale's encoding has, as with LC_ALL=C.UTF-8",
                    e);
        }
    }

    /** Removes the file that a dead process left behind; everything else in the way is an error. */
    void prepare() throws PortException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new PortException("cannot make the socket " + path + ": there is no directory " + directory
                    + "; run: mkdir -p " + directory);
        }
        if (!Files.isWritable(directory)) {
            throw new PortException("cannot make the socket " + path + ": no permission to write to " + directory
                    + "; choose a directory of your own, as $XDG_RUNTIME_DIR, or run: sudo install -d -o "
                    + System.getProperty("user.name") + " " + directory);
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket()) {
            throw new PortException(path + " exists and is not a socket; choose another path, or remove it");
        }
        int answer = probe();
        if (answer != SocketIo.REFUSED) {
            throw new PortException(path + " belongs to a running process"
                    + (answer == -Errno.EACCES.intValue() ? " or another user" : "") + "; see which: ss -xap | grep "
                    + path);
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new PortException("cannot remove " + path + ", which a dead process left behind: " + reason(e), e);
        }
    }

    /** Whether the path is a socket file. */
    private boolean isSocket() throws PortException {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & FILE_TYPE) == SOCKET;
        } catch (IOException e) {
            throw new PortException("cannot examine " + path + ": " + reason(e), e);
        }
    }

    /**
     * Connects for a moment; returns 0 or a negative errno. Only {@link SocketIo#REFUSED} says that nobody has the socket;
     * one of the other type, for instance, answers EPROTOTYPE.
     */
    private int probe() throws PortException {
        try (UnixSocketChannel channel = UnixSocketChannel.open()) {
            channel.configureBlocking(false);
            try {
                channel.connect(new UnixSocketAddress(path.toFile()));
                return 0;
            } catch (IOException e) {
                return SocketIo.lastError();
            }
        } catch (IOException e) {
            throw new PortException("cannot examine " + path + ": " + reason(e), e);
        }
    }

    /** After the bind: sets who may connect, and remembers the file so that {@link #remove} removes no other. */
    void bound(Set<PosixFilePermission> permissions) throws PortException {
        try {
            boundFile = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
            Files.setPosixFilePermissions(path, permissions);
        } catch (IOException e) {
            throw new PortException("cannot set the permissions of " + path + ": " + reason(e), e);
        }
    }

    /** Removes the file, if it is still the one that was bound. */
    void remove() {
        if (boundFile == null) {
            return;
        }
        try {
            Object present = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
            if (boundFile.equals(present)) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // Removed by somebody else, or not ours to remove any more: the next one who binds replaces it.
        }
        boundFile = null;
    }

    /** What to tell the user about a failed bind. */
    PortException bindFailed(IOException e) {
        return new PortException("cannot bind " + path + ": " + reason(e), e);
    }

    private static String reason(IOException e) {
        return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
