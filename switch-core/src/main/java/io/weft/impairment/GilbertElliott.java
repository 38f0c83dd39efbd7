package io.weft.impairment;

/**
 * Loss in bursts (the Gilbert-Elliott model, netem's {@code loss gemodel}): a line is good or bad, each frame is lost with
 * the probability of the state it meets, and after each frame the state may change. In the long run the line is bad for
 * p / (p + r) of the frames, for 100 / r frames on average each time.
 *
 * @param p probability in percent that a good line turns bad
 * @param r probability in percent that a bad line turns good
 * @param lossInBad probability in percent that a frame is lost while the line is bad; netem's 1-h
 * @param lossInGood the same while it is good; netem's 1-k
 */
public record GilbertElliott(double p, double r, double lossInBad, double lossInGood) {
    /** Checks the ranges. */
    public GilbertElliott {
        Impairment.requirePercent("gemodel p", p);
        Impairment.requirePercent("gemodel r", r);
        Impairment.requirePercent("gemodel 1-h", lossInBad);
        Impairment.requirePercent("gemodel 1-k", lossInGood);
    }
}
