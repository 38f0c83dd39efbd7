package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Asks about the loopback interface, which every namespace has. */
class LinkQueryTest {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;

    private int socket;
    private LinkQuery query;

    @BeforeEach
    void open() throws IOException {
        Linux.require();
        socket = NativeException.check("socket", Linux.libc().socket(AF_INET, SOCK_DGRAM | LibC.CLOEXEC, 0));
        query = new LinkQuery(socket);
    }

    @AfterEach
    void close() {
        Linux.libc().close(socket);
    }

    @Test
    void shouldTellWhatAnInterfaceIs() throws IOException {
        int index = query.index("lo");
        assertThat(index).isPositive();
        assertThat(query.name(index)).isEqualTo("lo");
        assertThat(query.hardwareType("lo")).isEqualTo(LinkQuery.ARPHRD_LOOPBACK);
        assertThat(query.flags("lo") & 8).isNotZero(); // IFF_LOOPBACK
        assertThat(query.hasCarrier("lo")).isEqualTo((query.flags("lo") & LinkQuery.IFF_UP) != 0);
        assertThat(query.driver("lo")).as("it does not tell").isNull();
        assertThat(LinkQuery.names()).contains("lo");
    }

    @Test
    void shouldSayThatThereIsNone() {
        for (String name : new String[] {"no-such-link", "a-name-that-is-too-long-for-the-kernel"}) {
            assertThatThrownBy(() -> query.index(name))
                    .isInstanceOf(NativeException.class)
                    .hasMessageStartingWith("look for " + name + ": ENODEV");
        }
        assertThatThrownBy(() -> query.driver("no-such-link")).hasMessageContaining("ENODEV");
        assertThatThrownBy(() -> query.hasCarrier("no-such-link")).hasMessageContaining("ENODEV");
        assertThatThrownBy(() -> query.name(Integer.MAX_VALUE)).hasMessageContaining("ENODEV");
    }
}
