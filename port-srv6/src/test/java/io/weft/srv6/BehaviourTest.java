package io.weft.srv6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BehaviourTest {
    /** IANA's registry "SRv6 Endpoint Behaviors". */
    @ParameterizedTest
    @CsvSource({
        "End, '', 1",
        "End, psp, 2",
        "End, usp, 3",
        "End, 'psp,usp', 4",
        "End, usd, 28",
        "End, 'psp,usd', 29",
        "End, 'usp,usd', 30",
        "End, 'psp,usp,usd', 31",
        "End, next-csid, 43",
        "End, 'next-csid,psp', 44",
        "End, 'next-csid,usp', 45",
        "End, 'next-csid,psp,usp', 46",
        "End, 'next-csid,usd', 47",
        "End, 'next-csid,psp,usp,usd', 50",
        "End.X, '', 5",
        "End.X, 'psp,usp', 8",
        "End.X, usd, 32",
        "End.X, 'psp,usp,usd', 35",
        "End.X, next-csid, 52",
        "End.X, 'next-csid,psp,usp,usd', 59",
        "End.T, '', 9",
        "End.T, usp, 11",
        "End.T, 'psp,usd', 37",
        "End.T, next-csid, 85",
        "End.T, 'next-csid,usp,usd', 91",
        "End.B6.Encaps, '', 14",
        "End.B6.Encaps, next-csid, 93",
        "End.DX6, '', 16",
        "End.DX6, next-csid, 60",
        "End.DX4, '', 17",
        "End.DX4, next-csid, 61",
        "End.DT6, '', 18",
        "End.DT6, next-csid, 62",
        "End.DT4, '', 19",
        "End.DT4, next-csid, 63",
        "End.DT46, '', 20",
        "End.DT46, next-csid, 64",
        "End.DX2, '', 21",
        "End.DX2, next-csid, 65",
        "End.DX2V, '', 22",
        "End.DX2V, next-csid, 66",
        "End.DT2U, '', 23",
        "End.DT2U, next-csid, 67",
        "End.DT2M, '', 24",
        "End.DT2M, next-csid, 68",
        "End.B6.Encaps.Red, '', 27",
        "End.B6.Encaps.Red, next-csid, 94"
    })
    void shouldHaveTheCodePointOfTheRegistry(String name, String flavours, int codePoint) {
        Flavours parsed = flavours.isEmpty() ? Flavours.NONE : Flavours.parse(flavours);
        assertThat(Behaviour.parse(name).codePoint(parsed)).isEqualTo(codePoint);
    }

    @Test
    void shouldHaveNoCodePointTwice() {
        Set<Integer> seen = new HashSet<>();
        for (Behaviour behaviour : Behaviour.values()) {
            for (int bits = 0; bits < 16; bits++) {
                Flavours flavours = new Flavours((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
                if (behaviour.takesFlavours() || (bits & 7) == 0) {
                    assertThat(seen.add(behaviour.codePoint(flavours)))
                            .as("%s %s", behaviour, flavours)
                            .isTrue();
                }
            }
        }
        assertThat(seen).hasSize(3 * 16 + 11 * 2);
    }

    @ParameterizedTest
    @CsvSource({
        "End, 0",
        "End.X, 0",
        "End.T, 0",
        "End.DX2, 143",
        "End.DX2V, 143",
        "End.DT2U, 143",
        "End.DT2M, 143",
        "End.DX4, 4",
        "End.DX6, 41",
        "End.DT4, 4",
        "End.DT6, 41",
        "End.DT46, 45",
        "End.B6.Encaps, 0",
        "End.B6.Encaps.Red, 0"
    })
    void shouldTakeItsOwnPayloadOnly(String name, int payload) {
        Behaviour behaviour = Behaviour.parse(name);
        for (int upperLayer = 0; upperLayer < 256; upperLayer++) {
            boolean takes = payload == 45 ? upperLayer == 4 || upperLayer == 41 : payload > 0 && upperLayer == payload;
            assertThat(behaviour.takesPayload(upperLayer)).as("%d", upperLayer).isEqualTo(takes);
        }
        assertThat(behaviour.isDecapsulating()).isEqualTo(payload > 0);
        assertThat(behaviour.isLayer2()).isEqualTo(payload == 143);
    }

    @Test
    void shouldLayPacketsBareByUsd() {
        Flavours usd = Flavours.parse("usd");
        assertThat(Behaviour.END.decapsulates(41, usd)).isTrue();
        assertThat(Behaviour.END.decapsulates(4, usd)).isTrue();
        assertThat(Behaviour.END.decapsulates(143, usd)).isFalse();
        assertThat(Behaviour.END.decapsulates(17, usd)).isFalse();
        assertThat(Behaviour.END.decapsulates(41, Flavours.parse("psp,usp"))).isFalse();
        assertThat(Behaviour.END_DT2U.decapsulates(143, Flavours.NONE)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Behaviour.class)
    void shouldBeReadByBothNames(Behaviour behaviour) {
        assertThat(Behaviour.parse(behaviour.ianaName())).isSameAs(behaviour);
        assertThat(Behaviour.parse(behaviour.microName())).isSameAs(behaviour);
        assertThat(behaviour.takes()).containsAll(behaviour.needs());
    }

    @Test
    void shouldRefuseAnUnknownNameWithThoseThatThereAre() {
        assertThat(Behaviour.END.microName()).isEqualTo("uN");
        assertThat(Behaviour.END_X.microName()).isEqualTo("uA");
        assertThat(Behaviour.END_DT46.microName()).isEqualTo("uDT46");
        assertThatThrownBy(() -> Behaviour.parse("End.BM"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("behaviour is 'End.BM'; accepted: End, End.X, End.T, End.DX2, ")
                .hasMessageContaining("with NEXT-C-SID uN, uA, uT, uDX2");
    }

    @Test
    void shouldRefuseFlavoursThatABehaviourDoesNotHave() {
        assertThatThrownBy(() -> Behaviour.END_DT4.codePoint(Flavours.parse("psp,next-csid")))
                .hasMessage(
                        "flavors is 'psp,next-csid' with End.DT4; accepted: next-csid; psp, usp and usd are for End,"
                                + " End.X and End.T");
        for (String wrong : new String[] {"", "psp,", "psp psp", "psp,psp", "PSP", "replace-csid"}) {
            assertThatThrownBy(() -> Flavours.parse(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("flavors is '" + wrong + "'; accepted: psp, usp, usd, next-csid, separated by commas");
        }
        assertThat(Flavours.parse("usd,psp")).hasToString("psp,usd");
    }
}
