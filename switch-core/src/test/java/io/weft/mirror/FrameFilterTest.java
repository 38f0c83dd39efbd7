package io.weft.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter language: what it reads, prints, finds and refuses, where tcpdump cannot be asked. */
class FrameFilterTest {
    private static final String MACS = "0200000000bb 0200000000aa ";
    private static final String IP4 = " c0a80101 0a000001 "; // 192.168.1.1 to 10.0.0.1
    private static final String IP6 = " fd000000000000000000000000000001 fd000000000000000000000000000002 ";
    private static final String PORTS = " 1234 0035 0008 0000 "; // 4660 to 53

    private static Frame frame(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        Frame frame = new FramePool(1, 0).allocate(bytes.length);
        for (int i = 0; i < frame.capacity(); i++) {
            frame.putByte(i, 0x35); // what an older frame left behind the end must not be found
        }
        frame.putBytes(0, bytes, 0, bytes.length);
        return frame;
    }

    private static boolean matches(String expression, String hex) {
        return FrameFilter.parse(expression).matches(frame(hex), 0);
    }

    // ---- what is found ----

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "8100 0007",
                "8100 0007 8100 0008",
                "88a8 0007 8100 0008",
                "9100 0007 88a8 0008 8100 0009",
                "8100 0000 8100 0000 8100 0000 8100 0000"
            })
    void shouldStepOverTags(String tags) {
        String frame = MACS + tags + "0800 4500 001c 0000 0000 4011 0000" + IP4 + PORTS;
        assertThat(matches("ip and udp and dst port 53 and src net 192.168.0.0/16", frame))
                .isTrue();
        assertThat(matches("ip6 or tcp or src port 53 or dst net 192.168.0.0/16", frame))
                .isFalse();
    }

    @Test
    void shouldTakeAFifthTagForTheType() {
        String frame = MACS + "8100 0000".repeat(5) + "0800 4500 001c 0000 0000 4011 0000" + IP4 + PORTS;
        assertThat(matches("ip or udp or port 53 or arp", frame)).isFalse();
        assertThat(matches("ether host 02:00:00:00:00:aa", frame)).isTrue();
    }

    @Test
    void shouldTakeTheVlanFromTheBridge() {
        Frame tagged = frame(MACS + "8100 0007 0806" + "00".repeat(28));
        assertThat(FrameFilter.parse("vlan 10").matches(tagged, 10)).isTrue();
        assertThat(FrameFilter.parse("vlan 7").matches(tagged, 10)).isFalse();
        assertThat(FrameFilter.parse("vlan 10-20").matches(tagged, 10)).isTrue();
        assertThat(FrameFilter.parse("vlan 10-20").matches(tagged, 20)).isTrue();
        assertThat(FrameFilter.parse("vlan 10-20").matches(tagged, 21)).isFalse();
        assertThat(FrameFilter.parse("vlan 10-20").matches(tagged, 9)).isFalse();
        assertThat(FrameFilter.parse("vlan").matches(tagged, 1)).isTrue();
        assertThat(FrameFilter.parse("vlan").matches(tagged, 4_094)).isTrue();
        assertThat(FrameFilter.parse("vlan").matches(tagged, 0)).isFalse();
        assertThat(FrameFilter.parse("vlan 0").matches(tagged, 0)).isTrue();
        assertThat(FrameFilter.parse("vlan 10 and arp").matches(tagged, 10)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0000, true", // whole
        "2000, true", // first fragment
        "4000, true", // don't fragment
        "0001, false", // later fragments
        "3fff, false",
        "1000, false"
    })
    void shouldFindPortsInFirstFragmentsOnly(String fragment, boolean ports) {
        String frame = MACS + "0800 4500 001c 0000" + fragment + "4011 0000" + IP4 + PORTS;
        assertThat(matches("udp dst port 53", frame)).isEqualTo(ports);
        assertThat(matches("udp and host 10.0.0.1", frame)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0000, true", "0001, true", "0006, true", "0008, false", "fff9, false"})
    void shouldFindPortsInFirstFragmentsOfIpv6(String fragment, boolean ports) {
        String frame = MACS + "86dd 6000 0000 0010 2c40" + IP6 + "1100" + fragment + "00000001" + PORTS;
        assertThat(matches("udp dst port 53", frame)).isEqualTo(ports);
        assertThat(matches("udp and ip6 proto 44 and ip6 proto 17", frame)).isTrue();
    }

    @Test
    void shouldWalkExtensionHeaders() {
        String headers = "2b00 0104 0000 0000" // hop-by-hop options, then routing
                + "3301 0000" + "00".repeat(12) // routing of 16 bytes, then AH
                + "3c04 0000" + "00".repeat(20) // AH of 24 bytes, then destination options
                + "1100 0104 0000 0000"; // destination options, then UDP
        String frame = MACS + "86dd 6000 0000 0040 0040" + IP6 + headers + PORTS;
        assertThat(matches("udp src port 4660 and dst port 53 and ip6 proto 0", frame))
                .isTrue();
        assertThat(matches("tcp or icmp6 or ip6 proto 60", frame)).isFalse();
    }

    @Test
    void shouldWalkEightExtensionHeadersAndNoMore() {
        String chain = MACS + "86dd 6000 0000 0040 3c40" + IP6 + "3c00 0104 0000 0000".repeat(7);
        assertThat(matches("udp port 53", chain + "1100 0104 0000 0000" + PORTS))
                .isTrue();
        assertThat(matches("udp", chain + "3c00 0104 0000 0000" + "1100 0104 0000 0000" + PORTS))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"40", "41", "44", "4f"})
    void shouldFindNoPortsBehindABadIpv4HeaderLength(String versionAndLength) {
        String frame = MACS + "0800" + versionAndLength + "00 001c 0000 0000 4011 0000" + IP4 + PORTS;
        assertThat(matches("port 53 or portrange 0-65535", frame)).isFalse();
        assertThat(matches("udp and src 192.168.1.1", frame)).isTrue();
    }

    @Test
    void shouldTakeACutHeaderForAbsent() {
        String ip = MACS + "0800 4500 001c 0000 0000 4011 0000 c0a80101 0a0000"; // a byte is missing
        assertThat(matches("ip", ip)).isTrue();
        assertThat(matches("udp or src host 192.168.1.1", ip)).isFalse();
        assertThat(matches("not udp and not host 192.168.1.1", ip)).isTrue();
        String arp = MACS + "0806 0001 0800 0604 0001 0200000000aa 0a000001 000000000000 0a0000";
        assertThat(matches("arp and not host 10.0.0.1", arp)).isTrue();
        String runt = "0200000000bb 0200000000aa 08";
        assertThat(matches("ether host 02:00:00:00:00:aa or multicast or ip", runt))
                .isFalse();
        assertThat(matches("less 13 and not arp", runt)).isTrue();
        assertThat(matches("ether host 02:00:00:00:00:aa and not ip", MACS + "8100 00"))
                .isTrue();
        String ports = MACS + "0800 4500 001c 0000 0000 4011 0000" + IP4 + "1234 00";
        assertThat(matches("udp and not port 4660", ports)).isTrue();
    }

    @Test
    void shouldMatchEverythingWithoutACondition() {
        assertThat(FrameFilter.parse(" \t\n")).isSameAs(FrameFilter.ALL);
        assertThat(FrameFilter.ALL.matches(frame(""), 0)).isTrue();
        assertThat(FrameFilter.ALL.toString()).isEmpty();
        assertThat(FrameFilter.ALL).isNotEqualTo(FrameFilter.parse("greater 0"));
        assertThat(FrameFilter.parse("greater 0")).isNotEqualTo(FrameFilter.ALL);
    }

    // ---- canonical form ----

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            ip                                      ; ip
            ether proto 0x86dd                      ; ip6
            ether proto \\rarp                      ; rarp
            ether proto 0x88CC                      ; ether proto 0x88cc
            proto 6                                 ; tcp
            ip proto \\tcp                          ; ip proto 6
            ip proto 1                              ; icmp
            ip6 proto 58                            ; icmp6
            proto 58                                ; proto 58
            ether broadcast                         ; broadcast
            ip6 multicast                           ; ip6 multicast
            ether src 2-0-0-0-0-A                   ; ether src host 02:00:00:00:00:0a
            dst or src host 10.0.0.1                ; host 10.0.0.1
            dst && src 10.0.0.1                     ; src and dst host 10.0.0.1
            net 10.0.0.1/32                         ; host 10.0.0.1
            net 10.1                                ; net 10.1.0.0/16
            arp net 10                              ; arp net 10.0.0.0/8
            ip6 host FD00:0:0:0:0:0:0:1             ; host fd00::1
            net ::ffff:10.0.0.0/104                 ; net ::ffff:a00:0/104
            tcp portrange 5-5                       ; tcp port 5
            vlan 1-4094                             ; vlan
            vlan 7-7                                ; vlan 7
            less 0x40                               ; less 64
            port 80 or 443                          ; port 80 or port 443
            src 10.0.0.1 and not 10.0.0.2           ; src host 10.0.0.1 and not src host 10.0.0.2
            arp or ip and tcp                       ; (arp or ip) and tcp
            arp or (ip and tcp)                     ; arp or (ip and tcp)
            arp and (ip and (tcp and udp))          ; arp and ip and tcp and udp
            ((arp||(rarp)))                         ; arp or rarp
            not not not arp                         ; not arp
            !(!arp)                                 ; arp
            not(arp or ip)                          ; not (arp or ip)
            not arp and ip                          ; not arp and ip
            """)
    void shouldPrintTheCanonicalForm(String expression, String canonical) {
        FrameFilter filter = FrameFilter.parse(expression);
        assertThat(filter.toString()).isEqualTo(canonical);
        assertThat(FrameFilter.parse(canonical)).isEqualTo(filter).hasSameHashCodeAs(filter);
    }

    @Test
    void shouldTellDifferentFiltersApart() {
        assertThat(FrameFilter.parse("arp and ip")).isNotEqualTo(FrameFilter.parse("arp or ip"));
        assertThat(FrameFilter.parse("src port 1")).isNotEqualTo(FrameFilter.parse("dst port 1"));
        assertThat(FrameFilter.parse("tcp port 1")).isNotEqualTo(FrameFilter.parse("port 1"));
        assertThat(FrameFilter.parse("arp")).isNotEqualTo("arp");
    }

    // ---- what is refused ----

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            tpc                           ; 1  ; found 'tpc'              ; a condition: ip, ip6, arp
            tcp prt 80                    ; 5  ; found 'prt'              ; and, or, or the end
            arp and                       ; 8  ; the expression ends      ; a condition
            not                           ; 4  ; the expression ends      ; a condition
            (arp                          ; 5  ; the expression ends      ; and, or, or )
            arp)                          ; 4  ; found ')'                ; and, or, or the end
            ()                            ; 2  ; found ')'                ; a condition
            arp & ip                      ; 5  ; found '&'                ; and, or, or the end
            arp ip                        ; 5  ; found 'ip'               ; and, or, or the end
            10.0.0.1                      ; 1  ; found '10.0.0.1'         ; a condition
            tcp or 80                     ; 8  ; found '80'               ; a condition
            vlan 5 or 6                   ; 11 ; found '6'                ; a condition
            host                          ; 5  ; the expression ends      ; an IPv4 address
            host 10.0.0.256               ; 6  ; found '10.0.0.256'       ; an IPv4 address as in
            host 010.0.0.1                ; 6  ; found '010.0.0.1'        ; an IPv4 address as in
            host example.org              ; 6  ; found 'example.org'      ; an IPv4 address as in
            host fd00::1::2               ; 6  ; found 'fd00::1::2'       ; an IPv6 address as in
            host 10.0.0.0/8               ; 6  ; found '10.0.0.0/8'       ; net takes one
            net 10.0.0.1/8                ; 5  ; found '10.0.0.1/8'       ; zeros behind the first 8 bits
            net 10.0.0.0/33               ; 5  ; found '10.0.0.0/33'      ; 0..32
            net fd00::/129                ; 5  ; found 'fd00::/129'       ; 0..128
            net fd00::1/64                ; 5  ; found 'fd00::1/64'       ; zeros behind the first 64 bits
            net fd00::/                   ; 5  ; found 'fd00::/'          ; 0..128
            ip host fd00::1               ; 9  ; found 'fd00::1'          ; an IPv4 address behind ip
            ip6 host 10.0.0.1             ; 10 ; found '10.0.0.1'         ; an IPv6 address behind ip6
            tcp host 10.0.0.1             ; 10 ; found '10.0.0.1'         ; not behind tcp
            icmp port 5                   ; 11 ; found '5'                ; tcp, udp, sctp
            ether net 10.0.0.0/8          ; 11 ; found '10.0.0.0/8'       ; not behind ether
            port http                     ; 6  ; found 'http'             ; 0..65535
            port 65536                    ; 6  ; found '65536'            ; 0..65535
            port -1                       ; 6  ; found '-1'               ; 0..65535
            port 99999999999              ; 6  ; found '99999999999'      ; 0..65535
            portrange 9-3                 ; 11 ; found '9-3'              ; as in 1-1024
            vlan 4095                     ; 6  ; found '4095'             ; 0..4094
            vlan 20-10                    ; 6  ; found '20-10'            ; as in 10 or 10-20
            ether 02:00:00:00:00:01       ; 7  ; found '02:00:00:00:00:01'; src, dst, host, proto
            ether host 02:00:00:00:01     ; 12 ; found '02:00:00:00:01'   ; a MAC address as in
            src 02:00:00:00:00:01         ; 5  ; found '02:00:00:00:00:01'; an IPv6 address as in
            ether proto 1500              ; 13 ; found '1500'             ; 0x0600..0xffff
            ether proto 0x8100            ; 13 ; found '0x8100'           ; vlan
            ip proto 256                  ; 10 ; found '256'              ; 0..255
            src proto 6                   ; 5  ; found 'proto'            ; a protocol has no direction
            src                           ; 4  ; the expression ends      ; host, net, port
            tcp multicast                 ; 5  ; found 'multicast'        ; behind ether, ip, ip6
            less -5                       ; 6  ; found '-5'               ; 0..65535
            less 5 or 6                   ; 11 ; found '6'                ; a condition
            """)
    void shouldSayWhereAndWhatWasExpected(String expression, int position, String found, String expected) {
        assertThatThrownBy(() -> FrameFilter.parse(expression))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("filter '" + expression + "', character " + position + ": " + found)
                .hasMessageContaining(expected);
    }

    @Test
    void shouldBoundDepthAndLength() {
        String deepest = "(".repeat(64) + "arp" + ")".repeat(64);
        assertThat(FrameFilter.parse(deepest).toString()).isEqualTo("arp");
        assertThatThrownBy(() -> FrameFilter.parse("(" + deepest + ")"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("character 65")
                .hasMessageContaining("at most 64 nested parentheses");
        String nots = "!".repeat(FrameFilter.MAX_LENGTH - 3) + "arp";
        assertThat(FrameFilter.parse(nots).toString()).isEqualTo("not arp");
        assertThatThrownBy(() -> FrameFilter.parse("!" + nots))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("filter of 4097 characters; accepted: up to 4096");
        assertThatThrownBy(() -> FrameFilter.parse("x".repeat(4_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(600));
    }
}
