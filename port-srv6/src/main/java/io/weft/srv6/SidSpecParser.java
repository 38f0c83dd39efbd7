package io.weft.srv6;

import io.weft.frame.IpPrefix;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a {@link SidSpec}: a SID, a behaviour, then words each followed by its value. The kernel's {@code srh} in front of
 * {@code segs} may be there, and its {@code vrftable} means {@code table}.
 *
 * <p>Threads: for one text.
 */
final class SidSpecParser {
    private final Map<String, String> values = new HashMap<>();

    /** Reads one; the message of an exception says which part is wrong, and not the whole text. */
    static SidSpec parse(String text) {
        return new SidSpecParser().read(text.strip().split("\\s+"));
    }

    private SidSpec read(String[] words) {
        if (words.length < 2) {
            throw new IllegalArgumentException("it has no behaviour");
        }
        IpPrefix prefix = IpPrefix.parseOrHost(words[0]);
        Behaviour behaviour = Behaviour.parse(words[1]);
        readPairs(words);
        String flavors = values.remove("flavors");
        Flavours flavours = flavors == null ? Flavours.NONE : Flavours.parse(flavors);
        if (words[1].equals(behaviour.microName())) {
            flavours = flavours.withNextCSid();
        }
        return build(prefix, behaviour, flavours);
    }

    private void readPairs(String[] words) {
        for (int i = 2; i < words.length; i += 2) {
            if (words[i].equals("srh") && i + 1 < words.length && words[i + 1].equals("segs")) {
                i++;
            }
            String word = words[i].equals("vrftable") ? "table" : words[i];
            if (!isKnown(word)) {
                throw new IllegalArgumentException("'" + words[i] + "' is unknown");
            }
            if (i + 1 == words.length) {
                throw new IllegalArgumentException("'" + words[i] + "' has no value");
            }
            if (values.put(word, words[i + 1]) != null) {
                throw new IllegalArgumentException("'" + word + "' is there twice; accepted: once");
            }
        }
        if (values.containsKey("nh4") && values.containsKey("nh6")) {
            throw new IllegalArgumentException(
                    "nh4 is '" + values.get("nh4") + "' and nh6 '" + values.get("nh6") + "'; accepted: one next hop");
        }
    }

    private static boolean isKnown(String word) {
        for (SidParameter parameter : SidParameter.values()) {
            if (parameter.word().equals(word)) {
                return true;
            }
        }
        return word.matches("flavors|loclen|arglen|lblen|nflen");
    }

    private SidSpec build(IpPrefix prefix, Behaviour behaviour, Flavours flavours) {
        boolean isNext = flavours.nextCSid();
        int nodeFunctionLength = bits("nflen", 0);
        int blockLength = bits(
                "lblen",
                !isNext
                        ? 0
                        : nodeFunctionLength > 0 ? prefix.length() - nodeFunctionLength : SidSpec.DEFAULT_BLOCK_LENGTH);
        if (nodeFunctionLength > 0 && !isNext) {
            throw new IllegalArgumentException(
                    "nflen is " + nodeFunctionLength + "; accepted: only with flavors next-csid");
        }
        if (nodeFunctionLength > 0 && blockLength + nodeFunctionLength != prefix.length()) {
            throw new IllegalArgumentException("lblen is " + blockLength + " and nflen " + nodeFunctionLength
                    + "; accepted: both together the length of " + prefix);
        }
        boolean isContainer = isNext && !behaviour.isDecapsulating();
        int argumentLength = bits("arglen", isContainer ? 128 - prefix.length() : 0);
        int locatorLength = bits("loclen", SidSpec.defaultLocatorLength(prefix, blockLength));
        return new SidSpec(prefix, behaviour, flavours, target(), locatorLength, argumentLength, blockLength);
    }

    private int bits(String word, int otherwise) {
        String value = values.get(word);
        if (value == null) {
            return otherwise;
        }
        if (!value.matches("[0-9]{1,3}") || Integer.parseInt(value) > 128) {
            throw new IllegalArgumentException(word + " is '" + value + "'; accepted: a number of bits, 0..128");
        }
        return Integer.parseInt(value);
    }

    private SidTarget target() {
        SidTarget target = SidTarget.NONE;
        // The port comes first: a link-local next hop is looked at with it.
        for (SidParameter parameter : new SidParameter[] {
            SidParameter.OIF,
            SidParameter.NH4,
            SidParameter.NH6,
            SidParameter.VLAN,
            SidParameter.TABLE,
            SidParameter.SEGS
        }) {
            String value = values.get(parameter.word());
            if (value != null) {
                target = target.with(parameter, value);
            }
        }
        return target;
    }
}
