package io.weft.websocket;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.weft.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.Md5Crypt;

/**
 * The users of an Apache htpasswd file: {@code USER:HASH} on each line, with a bcrypt ({@code $2y$}), apr1
 * ({@code $apr1$}) or SHA-1 ({@code {SHA}}) hash. Made by {@code htpasswd -B FILE USER}.
 *
 * <p>The file is read again when it has changed. While it cannot be read nobody gets in; a line that cannot be used locks its
 * own user out only.
 *
 * <p>Threads: any. {@link #verify} takes as long as the hash is made to take: not for an event loop.
 */
final class Htpasswd {
    private static final String ACCEPTED = "USER:HASH with a hash beginning with $2y$, $apr1$ or {SHA}";

    private final Path file;
    private final Consumer<String> report;
    private Map<String, String> hashes = Map.of();
    private Stamp stamp;

    /** What tells one state of the file from the next. */
    private record Stamp(long modifiedMs, long size, Object fileKey) {}

    private Htpasswd(Path file, Consumer<String> report) {
        this.file = file;
        this.report = report;
    }

    /**
     * Reads a file.
     *
     * @param report told when the file changes for the worse later
     * @throws PortException when it cannot be read, or a line cannot be used
     */
    static Htpasswd open(Path file, Consumer<String> report) throws PortException {
        Htpasswd users = new Htpasswd(file, report);
        try {
            List<String> faults = users.read(stampOf(file));
            if (!faults.isEmpty()) {
                throw new PortException(String.join("; ", faults));
            }
        } catch (PortException e) {
            throw e;
        } catch (IOException e) {
            throw new PortException(
                    "option htpasswd: file '" + file + "' cannot be read (" + e + "); make it with: htpasswd -cB "
                            + file + " USER",
                    e);
        }
        return users;
    }

    private static Stamp stampOf(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey());
    }

    /** Reads the file as it is now; returns what is wrong with it. */
    private List<String> read(Stamp now) throws IOException {
        Map<String, String> read = new HashMap<>();
        List<String> faults = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            number++;
            String entry = line.strip();
            if (entry.isEmpty() || entry.startsWith("#")) {
                continue;
            }
            int colon = entry.indexOf(':');
            String hash = entry.substring(colon + 1);
            if (colon < 1 || !isKnown(hash)) {
                faults.add("option htpasswd: file '" + file + "' line " + number
                        + (colon < 1 ? " has no user" : ", user '" + entry.substring(0, colon) + "'") + "; accepted: "
                        + ACCEPTED);
            } else {
                read.putIfAbsent(entry.substring(0, colon), hash); // as Apache: the first line of a user counts
            }
        }
        hashes = Map.copyOf(read);
        stamp = now;
        return faults;
    }

    private static boolean isKnown(String hash) {
        return hash.matches("\\$2[aby]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}") // the costs that bcrypt has
                || hash.matches("\\$apr1\\$[./A-Za-z0-9]{1,8}\\$[./A-Za-z0-9]{22}")
                || hash.matches("\\{SHA}[A-Za-z0-9+/]{27}=");
    }

    /** Whether this is a user with this password. Takes about as long for a user that does not exist. */
    boolean verify(String user, String password) {
        Map<String, String> users = current();
        String hash = users.get(user);
        if (hash != null) {
            return matches(password, hash);
        }
        // Somebody's hash, so that the time does not tell which users exist.
        users.values().stream().findFirst().ifPresent(other -> matches(password, other));
        return false;
    }

    private synchronized Map<String, String> current() {
        try {
            Stamp now = stampOf(file);
            if (!now.equals(stamp)) {
                read(now).forEach(report);
            }
        } catch (IOException e) {
            if (stamp != null) {
                report.accept("option htpasswd: file '" + file + "' cannot be read (" + e + "): nobody is let in");
            }
            hashes = Map.of();
            stamp = null;
        }
        return hashes;
    }

    private static boolean matches(String password, String hash) {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        if (hash.startsWith("$2")) {
            // htpasswd and Apache look at the first 72 bytes; the library would refuse longer passwords.
            byte[] used = bytes.length > 72 ? java.util.Arrays.copyOf(bytes, 72) : bytes;
            return BCrypt.verifyer().verify(used, hash.getBytes(StandardCharsets.US_ASCII)).verified;
        }
        String computed;
        if (hash.startsWith("$apr1$")) {
            computed = Md5Crypt.apr1Crypt(bytes, hash);
        } else {
            computed = "{SHA}" + Base64.getEncoder().encodeToString(sha1(bytes));
        }
        return MessageDigest.isEqual(
                computed.getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
