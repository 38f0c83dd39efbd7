package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class NativeExceptionTest {
    @Test
    void shouldSayWhatWasTriedAndWhatTheSystemAnswered() {
        assertThatThrownBy(() -> NativeException.check(
                        "open /nowhere/at/all", Linux.libc().open("/nowhere/at/all", LibC.O_RDWR)))
                .isInstanceOf(NativeException.class)
                .hasMessage("open /nowhere/at/all: ENOENT (No such file or directory)")
                .extracting(e -> ((NativeException) e).errno())
                .isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldPassResultsOn() throws IOException {
        assertThat(NativeException.check("nothing", 3)).isEqualTo(3);
    }

    @Test
    void shouldNameTheErrorsItKnowsAndNumberTheOthers() {
        assertThat(Errno.describe(Errno.EBADFD)).isEqualTo("EBADFD (File descriptor in bad state)");
        assertThat(Errno.describe(110)).isEqualTo("errno 110 (Connection timed out)");
    }

    @Test
    void shouldKnowTheMachinesAccounts() {
        assertThat(UserAccount.uid("root")).hasValue(0);
        assertThat(UserAccount.uid("no-such-account")).isEmpty();
    }
}
