package io.weft.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.weft.ExpectedFailures;
import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;
import io.weft.port.PortException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Any bytes as what a TCP client sends to a listener: HTTP, the upgrade, and what follows it into the switch. The answer is
 * one of those that the listener has, frames are accounted for, and the client leaves nothing behind. The same bytes also
 * as a Basic login and as an Origin.
 */
@ExtendWith(ExpectedFailures.class)
class UpgradeFuzzTest {
    private static final List<String> ANSWERS =
            List.of("101", "400", "401", "403", "404", "405", "414", "426", "431", "503");

    private static WebSocketListener listener;
    private static VirtualSwitch lan;
    private static MemoryPort host;
    private static long number;

    @BeforeAll
    static void open() throws PortException {
        lan = VirtualSwitch.builder().invoker(() -> 0).workers(1).build();
        host = new MemoryPort("host");
        lan.add(host);
        listener = WebSocketListener.builder("127.0.0.1", 0).path("/lan").build();
        lan.add(listener);
    }

    @AfterAll
    static void close() {
        lan.close();
        assertThat(lan.statistics().unaccounted()).isZero();
    }

    @FuzzTest
    void shouldAnswerAnyRequest(byte[] input) {
        String whole = answer(input, Math.max(1, input.length));
        assertThat(answer(input, 7)).as("in pieces").isEqualTo(whole);
        String text = new String(input, StandardCharsets.UTF_8);
        login(text);
        origin(text);
    }

    private static String answer(byte[] input, int piece) {
        EmbeddedChannel channel = new EmbeddedChannel(
                new HttpServerCodec(Upgrade.httpLimits()), new ServerUpgrade(listener, ++number, 0));
        for (int from = 0; from < input.length && channel.isOpen(); from += piece) {
            channel.writeInbound(Unpooled.copiedBuffer(input, from, Math.min(piece, input.length - from)));
            channel.runPendingTasks();
        }
        settle();
        String answer = output(channel);
        boolean joined = lan.ports().size() == 2;
        assertThat(joined && !answer.startsWith("HTTP/1.1 101 ")).isFalse();
        channel.close();
        channel.runPendingTasks();
        channel.checkException();
        channel.finishAndReleaseAll();
        settle();
        assertThat(lan.ports()).as("the client's port is gone").hasSize(1);
        assertThat(lan.statistics().unaccounted()).as("%s", lan.statistics()).isZero();
        int frames = 0;
        while (host.receive() != null) {
            frames++;
        }
        assertThat(frames).isLessThanOrEqualTo(input.length / 20); // 2 + 4 + 14 bytes make one, in a client's message
        return answer.lines().findFirst().orElse("no answer") + ", " + frames + " frames";
    }

    private static String output(EmbeddedChannel channel) {
        StringBuilder text = new StringBuilder();
        for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            ByteBuf bytes = (ByteBuf) out;
            text.append(bytes.toString(StandardCharsets.ISO_8859_1));
            bytes.release();
        }
        if (text.length() > 0) {
            assertThat(text).startsWith("HTTP/1.1 ");
            assertThat(text.substring(9, 12)).isIn(ANSWERS);
            assertThat(text.toString().split("HTTP/1.1 \\d", -1))
                    .as("one answer")
                    .hasSize(2);
        }
        return text.toString();
    }

    private static void settle() {
        while (lan.step()) {
            // until nothing is left to do
        }
    }

    private static void login(String text) {
        String[] login = ServerUpgrade.login(text);
        assertThat(login == null || (login.length == 2 && !login[0].contains(":")))
                .isTrue();
        String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        login = ServerUpgrade.login("bAsIc " + encoded);
        assertThat(login == null ? null : String.join(":", login)).isEqualTo(text.contains(":") ? text : null);
    }

    private static void origin(String text) {
        AllowedOrigins sameHost = new AllowedOrigins(List.of());
        if (sameHost.allows(text, "weft.example:8080")) {
            assertThat(text.toLowerCase(Locale.ROOT)).endsWith("://weft.example:8080");
        }
        assertThat(sameHost.allows(text, null)).isFalse();
        try {
            String origin = AllowedOrigins.requireOrigin(text);
            assertThat(new AllowedOrigins(List.of(origin)).allows(origin, null)).isTrue();
            assertThat(new AllowedOrigins(List.of("https://lab.example")).allows(origin, "lab.example"))
                    .isEqualTo(origin.equalsIgnoreCase("https://lab.example"));
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessage("not an origin");
        }
    }
}
