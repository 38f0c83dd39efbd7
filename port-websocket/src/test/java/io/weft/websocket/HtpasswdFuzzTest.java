package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.weft.port.PortException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * Any bytes as an htpasswd file: it is read or refused, no password makes anything throw, and a user in its last line gets
 * in by the right password alone, unless a line before is theirs.
 */
class HtpasswdFuzzTest {
    private static final String USER = "last";
    private static final String LAST_LINE = "\nlast:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n"; // of "test"
    private static final Pattern BCRYPT_COST = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$");

    private static Path file;

    @BeforeAll
    static void make() throws IOException {
        file = Files.createTempFile("weft-fuzz", ".htpasswd");
    }

    @AfterAll
    static void remove() throws IOException {
        Files.deleteIfExists(file);
    }

    @FuzzTest
    void shouldLetInByTheRightPasswordOnly(byte[] input) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(input);
        bytes.writeBytes(LAST_LINE.getBytes(StandardCharsets.UTF_8));
        Files.write(file, bytes.toByteArray());
        String text = bytes.toString(StandardCharsets.UTF_8);
        if (takesLong(text)) {
            return;
        }
        List<String> reports = new ArrayList<>();
        Htpasswd users;
        try {
            users = Htpasswd.open(file, reports::add);
        } catch (PortException e) {
            assertThat(e).hasMessageContaining("option htpasswd: file '" + file + "'");
            return;
        }
        for (String line : text.lines().toList()) {
            String user = line.strip().split(":", 2)[0];
            if (!user.equals(USER)) {
                users.verify(user, "test");
            }
        }
        if (!text.substring(0, text.length() - LAST_LINE.length()).contains(USER + ":")) {
            assertThat(users.verify(USER, "test")).isTrue();
            assertThat(users.verify(USER, "tes")).isFalse();
            assertThat(users.verify(USER, "")).isFalse();
        }
        assertThat(reports).isEmpty();
    }

    /** bcrypt takes as long as the file says; that is its point, and not what is looked for here. */
    private static boolean takesLong(String text) {
        Matcher costs = BCRYPT_COST.matcher(text);
        while (costs.find()) {
            int cost = Integer.parseInt(costs.group(1));
            if (cost > 4 && cost < 32) {
                return true;
            }
        }
        return false;
    }
}
