package io.weft.impairment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ImpairmentTest {
    @Test
    void shouldTakeWhatIsAccepted() {
        Impairment all = Impairment.builder()
                .gemodel(1, 20, 90, 0.5)
                .duplicate(0.1)
                .corrupt(100)
                .delay(Duration.ofMillis(20))
                .jitter(Duration.ofMillis(20))
                .reorder(25)
                .rate(1)
                .limit(1)
                .seed(-7)
                .build();
        assertThat(all)
                .isEqualTo(new Impairment(
                        0, new GilbertElliott(1, 20, 90, 0.5), 0.1, 100, 20_000_000, 20_000_000, 25, 1, 1, -7));
        assertThat(Impairment.NONE).isEqualTo(Impairment.builder().seed(0).build());
        assertThat(Impairment.NONE.limit()).isEqualTo(1_000);
        assertThat(Impairment.builder().build().seed())
                .isNotEqualTo(Impairment.builder().build().seed());
    }

    @Test
    void shouldNameOptionValueAndRange() {
        Impairment.Builder builder = Impairment.builder();
        assertThatThrownBy(() -> builder.loss(140)).hasMessage("loss is 140 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.loss(Double.NaN)).hasMessage("loss is NaN %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.duplicate(-0.5)).hasMessage("duplicate is -0.5 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.corrupt(101)).hasMessage("corrupt is 101 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.reorder(-1)).hasMessage("reorder is -1 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.gemodel(1, 200)).hasMessage("gemodel r is 200 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.gemodel(1, 2, 3, -4)).hasMessage("gemodel 1-k is -4 %; accepted: 0..100 %");
        assertThatThrownBy(() -> builder.delay(Duration.ofHours(2)))
                .hasMessage("delay is PT2H; accepted: 0..3600000 ms");
        assertThatThrownBy(() -> builder.jitter(Duration.ofMillis(-1)))
                .hasMessage("jitter is PT-0.001S; accepted: 0..3600000 ms");
        assertThatThrownBy(() -> Impairment.builder().rate(-1).build())
                .hasMessage("rate is -1 bit/s; accepted: 1..1000000000000, or 0 for any");
        assertThatThrownBy(() -> Impairment.builder().limit(0).build())
                .hasMessage("limit is 0 frames; accepted: 1..65536");
    }

    @Test
    void shouldSayWhatDoesNotGoTogether() {
        assertThatThrownBy(() -> Impairment.builder()
                        .delay(Duration.ofMillis(10))
                        .jitter(Duration.ofMillis(11))
                        .build())
                .hasMessage("jitter is 11 ms; accepted: 0..10 ms, which is the delay");
        assertThatThrownBy(() -> Impairment.builder().loss(1).gemodel(1, 2).build())
                .hasMessage("loss is 1.0 % and gemodel is given; accepted: one of the two");
        assertThatThrownBy(() -> Impairment.builder().reorder(5).build())
                .hasMessage("reorder is 5.0 % and delay is 0; accepted: reorder with a delay, for the others to wait");
    }
}
