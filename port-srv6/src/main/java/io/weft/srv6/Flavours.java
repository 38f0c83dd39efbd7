package io.weft.srv6;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.StringJoiner;

/**
 * What varies a behaviour: where a packet loses its segment routing header (RFC 8986, 4.16), and whether the destination holds
 * several compressed SIDs (RFC 9800, 4.1).
 *
 * <p>Threads: immutable.
 *
 * @param psp penultimate segment pop: the header goes when the last segment becomes the destination
 * @param usp ultimate segment pop: the header goes when no segment is left
 * @param usd ultimate segment decapsulation: the outer headers go when no segment is left, and the packet in them goes on
 * @param nextCSid NEXT-C-SID: the argument holds the SIDs that follow
 */
public record Flavours(boolean psp, boolean usp, boolean usd, boolean nextCSid) {
    /** None of them. */
    public static final Flavours NONE = new Flavours(false, false, false, false);

    /** NEXT-C-SID alone. */
    public static final Flavours NEXT_C_SID = new Flavours(false, false, false, true);

    /** What {@link #parse} takes. */
    public static final String ACCEPTED = "psp, usp, usd, next-csid, separated by commas";

    /**
     * Reads the kernel's words, separated by commas: {@code psp,usd}.
     *
     * @throws IllegalArgumentException when one is unknown or there twice
     */
    public static Flavours parse(String text) {
        Set<String> words = new HashSet<>();
        for (String word : text.split(",", -1)) {
            if (!Arrays.asList("psp", "usp", "usd", "next-csid").contains(word) || !words.add(word)) {
                throw new IllegalArgumentException("flavors is '" + text + "'; accepted: " + ACCEPTED);
            }
        }
        return new Flavours(
                words.contains("psp"), words.contains("usp"), words.contains("usd"), words.contains("next-csid"));
    }

    /** The same with NEXT-C-SID. */
    public Flavours withNextCSid() {
        return new Flavours(psp, usp, usd, true);
    }

    void check(Behaviour behaviour) {
        if ((psp || usp || usd) && !behaviour.takesFlavours()) {
            throw new IllegalArgumentException("flavors is '" + this + "' with " + behaviour.ianaName()
                    + "; accepted: next-csid; psp, usp and usd are for End, End.X and End.T");
        }
    }

    /** As {@link #parse} reads it; empty for none. */
    @Override
    public String toString() {
        StringJoiner words = new StringJoiner(",");
        if (psp) {
            words.add("psp");
        }
        if (usp) {
            words.add("usp");
        }
        if (usd) {
            words.add("usd");
        }
        if (nextCSid) {
            words.add("next-csid");
        }
        return words.toString();
    }
}
