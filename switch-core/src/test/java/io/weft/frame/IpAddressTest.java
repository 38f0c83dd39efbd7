package io.weft.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.TestSeed;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** IP addresses as text. */
class IpAddressTest {
    @ParameterizedTest
    @CsvSource({"0.0.0.0, 0", "10.0.0.1, 0x0a000001", "255.255.255.255, -1", "192.168.1.254, 0xc0a801fe"})
    void shouldReadAndWriteIpv4(String text, String value) {
        int address = Long.decode(value).intValue();
        assertThat(IpAddress.parseIpv4(text)).isEqualTo(address);
        assertThat(IpAddress.formatIpv4(address)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "0:0:0:0:0:0:0:0, ::",
        "FD00:0:0:1::2, fd00:0:0:1::2",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1", // the first of two equal runs
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1", // one group is not a run
        "1:0:0:2:0:0:0:3, 1:0:0:2::3", // the longer run
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::ffff:10.0.0.1, ::ffff:a00:1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304"
    })
    void shouldReadAndWriteIpv6(String text, String canonical) {
        long[] address = IpAddress.parseIpv6(text);
        assertThat(IpAddress.formatIpv6(address[0], address[1])).isEqualTo(canonical);
        assertThat(IpAddress.parseIpv6(canonical)).isEqualTo(address);
    }

    @Test
    void shouldAgreeWithTheJdk() throws Exception {
        SplittableRandom random = TestSeed.random("IpAddressTest");
        for (int i = 0; i < 10_000; i++) {
            ByteBuffer bytes = ByteBuffer.allocate(16);
            for (int group = 0; group < 8; group++) {
                bytes.putShort((short) (random.nextBoolean() ? 0 : random.nextInt(0x1_0000)));
            }
            long high = bytes.getLong(0);
            long low = bytes.getLong(8);
            String text = IpAddress.formatIpv6(high, low);
            assertThat(Inet6Address.getByAddress(null, bytes.array(), -1))
                    .as(text)
                    .isEqualTo(
                            high == 0 && low >>> 32 == 0xffff
                                    ? Inet6Address.getByAddress(null, bytes.array(), -1) // the JDK makes IPv4 of these
                                    : InetAddress.getByName(text));
            assertThat(IpAddress.parseIpv6(text)).containsExactly(high, low);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10", "10.0.0", "10.0.0.0.1", "10.0.0.256", "01.0.0.1", "10.0.0.", "a.b.c.d", "1.2.3.-4"})
    void shouldRefuseWhatIsNotIpv4(String text) {
        assertThatThrownBy(() -> IpAddress.parseIpv4(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("192.0.2.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                ":::",
                "1",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:8::",
                "::1:2:3:4:5:6:7:8",
                "fe80::1%eth0",
                "::1.2.3",
                "::1.2.3.256",
                "1.2.3.4::",
                "1:2:3:4:5:6:7:1.2.3.4",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:",
                "::1.2.3.4:5"
            })
    void shouldRefuseWhatIsNotIpv6(String text) {
        assertThatThrownBy(() -> IpAddress.parseIpv6(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("2001:db8::1");
    }
}
