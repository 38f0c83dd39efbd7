package io.weft.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.port.InvalidPortException;
import io.weft.port.PortProviders;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcapPortProviderTest {
    private static PcapFileSettings file(String uri) {
        return ((PcapFilePort) PortProviders.create(uri)).settings();
    }

    private static PcapSettings nic(String uri) {
        return ((PcapPort) PortProviders.create(uri)).settings();
    }

    @Test
    void shouldTellFilesFromInterfaces() {
        assertThat(nic("pcap:eth0")).isEqualTo(new PcapSettings("eth0", "eth0", true));
        assertThat(nic("pcap:eth0.pcapx?promisc=off&name=up")).isEqualTo(new PcapSettings("eth0.pcapx", "up", false));
        assertThat(file("pcap:a.pcapng"))
                .isEqualTo(new PcapFileSettings("a.pcapng", Path.of("a.pcapng"), null, 1, 1, Duration.ofSeconds(1)));
        assertThat(file("pcap:./a").replay()).isEqualTo(Path.of("./a"));
        assertThat(file("pcap:B.CAP").name()).isEqualTo("B.CAP");
    }

    @Test
    void shouldReadTheOptionsOfAFile() {
        assertThat(file("pcap:/x/a.pcap?name=lab&speed=0.5&loop=0&start=30s&record=/x/b.pcapng"))
                .isEqualTo(new PcapFileSettings(
                        "lab", Path.of("/x/a.pcap"), Path.of("/x/b.pcapng"), 0.5, 0, Duration.ofSeconds(30)));
        assertThat(file("pcap:a.pcap?speed=max").speed()).isInfinite();
        assertThat(file("pcap:a.pcapng?record"))
                .isEqualTo(new PcapFileSettings("a.pcapng", null, Path.of("a.pcapng"), 1, 1, Duration.ofSeconds(1)));
    }

    @Test
    void shouldMeanTheSameAsTheBuilders() {
        assertThat(PcapPort.builder("eth0")
                        .name("up")
                        .promiscuous(false)
                        .build()
                        .settings())
                .isEqualTo(nic("pcap:eth0?name=up&promisc=no"));
        assertThat(PcapFilePort.builder("lab")
                        .replay(Path.of("a.pcap"))
                        .record(Path.of("b.pcapng"))
                        .asFastAsPossible()
                        .loop(3)
                        .start(Duration.ofSeconds(2))
                        .build()
                        .settings())
                .isEqualTo(file("pcap:a.pcap?name=lab&record=b.pcapng&speed=max&loop=3&start=2s"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pcap:                        | no interface and no file; accepted: pcap:IFNAME or pcap:FILE",
                "pcap:/                       | is no file",
                "pcap:eth0?speed=max          | option speed has a meaning only for a file",
                "pcap:eth0?record=a.pcapng    | option record has a meaning only for a file",
                "pcap:a.pcap?promisc          | option promisc has a meaning only for an interface",
                "pcap:a.pcapng?record&loop=2  | option loop has a meaning only for a file that is replayed",
                "pcap:a.pcap?speed=0          | option speed is '0'; accepted: original, max or a factor of 0.001..1000.0",
                "pcap:a.pcap?speed=NaN        | option speed is 'NaN'",
                "pcap:a.pcap?speed=fast       | option speed is 'fast'",
                "pcap:a.pcap?loop=-1          | option loop is '-1'; accepted: 0..1000000000",
                "pcap:a.pcap?start=5          | option start is '5'; accepted: a time as 500ms, 30s, 5m or 1h",
                "pcap:a.pcap?record=b.pcap    | option record is 'b.pcap'; accepted: a name as b.pcapng",
                "pcap:a.pcapng?record=./a.pcapng | option record is './a.pcapng', the file that is replayed",
                "pcap:a.pcap?mtu=9000         | unknown option 'mtu'; accepted: name, promisc, speed, loop, start, record",
            })
    void shouldSayWhatIsWrongAndWhatIsAccepted(String uri, String message) {
        assertThatThrownBy(() -> PortProviders.create(uri))
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseWithTheBuilderWhatTheUriRefuses() {
        assertThatThrownBy(() -> PcapFilePort.builder("x").build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessage("pcap port 'x': neither a file to replay nor one to record into");
        assertThatThrownBy(() ->
                        PcapFilePort.builder("x").replay(Path.of("a")).speed(-1).build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option speed is '-1.0'");
        assertThatThrownBy(() -> PcapFilePort.builder("x")
                        .replay(Path.of("a"))
                        .start(Duration.ofDays(2))
                        .build())
                .isInstanceOf(InvalidPortException.class)
                .hasMessageContaining("option start is 'PT48H'; accepted: 0s..24h");
    }
}
