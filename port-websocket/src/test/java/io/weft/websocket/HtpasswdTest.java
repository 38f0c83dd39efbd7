package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.PortException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against hashes made by Apache's and OpenSSL's own programs. */
class HtpasswdTest {
    @TempDir
    Path directory;

    private final List<String> reports = new ArrayList<>();
    private Path file;

    static void copyTo(Path target) throws Exception {
        try (InputStream users = HtpasswdTest.class.getResourceAsStream("users.htpasswd")) {
            Files.write(target, users.readAllBytes());
        }
    }

    @BeforeEach
    void copy() throws Exception {
        file = directory.resolve("users");
        copyTo(file);
    }

    private Htpasswd open() throws PortException {
        return Htpasswd.open(file, reports::add);
    }

    @ParameterizedTest
    @CsvSource({
        "alice, correct horse",
        "bob, hunter2",
        "carol, tr0ub4dor&3",
        "dave, apr one",
        "müller, pässwörd:mit:Doppelpunkt",
        "eve, longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong",
    })
    void shouldLetInWhoKnowsThePassword(String user, String password) throws Exception {
        assertThat(open().verify(user, password)).isTrue();
        assertThat(open().verify(user, "x" + password)).isFalse();
        assertThat(open().verify(user, "")).isFalse();
    }

    @Test
    void shouldNotLetInWhoIsNotInTheFile() throws Exception {
        assertThat(open().verify("mallory", "correct horse")).isFalse();
        assertThat(open().verify("", "")).isFalse();
        assertThat(open().verify("# Made by Apache's htpasswd (bcrypt", "")).isFalse();
    }

    @Test
    void shouldReadTheFileAgainWhenItChanges() throws Exception {
        Htpasswd users = open();
        assertThat(users.verify("carol", "tr0ub4dor&3")).isTrue();
        Files.writeString(file, "frank:{SHA}KBOXsfeICt4PU1MKVdmvAhC5rXs=\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertThat(users.verify("carol", "tr0ub4dor&3")).isFalse();
        assertThat(users.verify("frank", "tr0ub4dor&3")).isTrue();
        assertThat(reports).isEmpty();
    }

    @Test
    void shouldLetNobodyInWhileTheFileIsGone() throws Exception {
        Htpasswd users = open();
        Path away = directory.resolve("away");
        Files.move(file, away);
        assertThat(users.verify("carol", "tr0ub4dor&3")).isFalse();
        assertThat(users.verify("carol", "tr0ub4dor&3")).isFalse();
        assertThat(reports).singleElement().asString().contains(file.toString(), "nobody is let in");
        Files.move(away, file);
        assertThat(users.verify("carol", "tr0ub4dor&3")).isTrue();
    }

    @Test
    void shouldLockOutOnlyTheUserOfALineThatTurnsBad() throws Exception {
        Htpasswd users = open();
        Files.writeString(file, "carol:plain\nbob:$apr1$Zq3xY7ab$w2jjzDkXVrqQ/I3YFvnE71\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertThat(users.verify("bob", "hunter2")).isTrue();
        assertThat(users.verify("carol", "plain")).isFalse();
        assertThat(reports).singleElement().asString().contains("line 1", "'carol'", "$2y$, $apr1$ or {SHA}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "carol:plain",
                "carol:",
                "carol",
                ":{SHA}KBOXsfeICt4PU1MKVdmvAhC5rXs=",
                "carol:{SHA}short",
                "carol:$2y$06$tooshort",
                "carol:$1$salt$hash",
                "carol:rqXexS6ZhobKA",
            })
    void shouldNotOpenWithALineItCannotUse(String line) throws Exception {
        Files.writeString(file, "\n" + line + "\n");
        assertThatThrownBy(this::open)
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll("htpasswd", file.toString(), "line 2", "accepted: USER:HASH");
    }

    @Test
    void shouldSayHowToMakeAFileThatIsMissing() throws Exception {
        Files.delete(file);
        assertThatThrownBy(this::open)
                .isInstanceOf(PortException.class)
                .hasMessageContainingAll(file.toString(), "htpasswd -cB");
    }
}
