package io.weft.packet;

/**
 * One interface of a pcapng section: what it says about its packets.
 *
 * @param linkType as LINKTYPE_ETHERNET
 * @param snapLength bytes kept of a packet at most, 0 for all
 * @param fcsLength bytes of FCS at each packet's end
 * @param resolution if_tsresol: units of 10<sup>-n</sup> seconds, or with the highest bit 2<sup>-n</sup>
 * @param offsetSeconds if_tsoffset: seconds to add to each timestamp
 */
record PcapngInterface(int linkType, long snapLength, int fcsLength, int resolution, long offsetSeconds) {
    private static final int OPTION_END = 0;
    private static final int OPTION_TIMESTAMP_RESOLUTION = 9;
    private static final int OPTION_FCS_LENGTH = 13;
    private static final int OPTION_TIMESTAMP_OFFSET = 14;

    private static final int MICROSECONDS = 6;
    private static final int POWER_OF_TWO = 0x80;
    private static final int MAX_DECIMAL = 19; // 10^19 units a second still fit into 64 bits
    private static final int MAX_BINARY = 63;
    private static final int NS_DIGITS = 9;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    /**
     * Reads the body of an interface description block.
     *
     * @param at where it begins, from the input's position on
     * @param length bytes of it, at least 8, all of them required already
     * @throws PcapFormatException when an option does not fit or a resolution is none
     */
    static PcapngInterface read(PcapInput input, int at, int length) throws PcapFormatException {
        int linkType = input.getShort(at);
        long snapLength = input.getUnsignedInt(at + 4);
        int fcsLength = 0;
        int resolution = MICROSECONDS;
        long offsetSeconds = 0;
        int end = at + length;
        for (int option = at + 8; option + 4 <= end && input.getShort(option) != OPTION_END; ) {
            int value = option + 4;
            int valueLength = input.getShort(option + 2);
            if (valueLength > end - value) {
                throw new PcapFormatException("an option of the interface at byte " + input.position() + " claims "
                        + valueLength + " bytes of " + (end - value));
            }
            switch (input.getShort(option)) {
                case OPTION_TIMESTAMP_RESOLUTION -> resolution = valueLength < 1 ? resolution : input.getByte(value);
                case OPTION_FCS_LENGTH -> fcsLength = valueLength < 1 ? fcsLength : input.getByte(value);
                case OPTION_TIMESTAMP_OFFSET -> offsetSeconds = valueLength < 8 ? 0 : input.getLong(value);
                default -> {
                    // the name, the address, the filter: of no use here
                }
            }
            option = value + (valueLength + 3 & ~3);
        }
        int exponent = resolution & ~POWER_OF_TWO;
        if (exponent > ((resolution & POWER_OF_TWO) != 0 ? MAX_BINARY : MAX_DECIMAL)) {
            throw new PcapFormatException("the interface at byte " + input.position() + " has the resolution "
                    + resolution + "; accepted: 0.." + MAX_DECIMAL + ", 128.." + (POWER_OF_TWO + MAX_BINARY));
        }
        return new PcapngInterface(linkType, snapLength, fcsLength, resolution, offsetSeconds);
    }

    /**
     * A timestamp in nanoseconds since 1970; what is finer is cut off. Of an absurd year, one that differs by whole
     * multiples of 2<sup>64</sup> ns.
     *
     * @param units the timestamp as it stands in the file, unsigned
     */
    long timestampNs(long units) {
        int exponent = resolution & ~POWER_OF_TWO;
        long seconds;
        long fractionNs;
        if ((resolution & POWER_OF_TWO) != 0) {
            seconds = units >>> exponent;
            long part = units & ((1L << exponent) - 1);
            // part * 10^9 / 2^exponent, which takes more than 64 bits on the way
            fractionNs = exponent == 0
                    ? 0
                    : Math.multiplyHigh(part, NS_PER_SECOND) << 64 - exponent | part * NS_PER_SECOND >>> exponent;
        } else {
            long perSecond = powerOfTen(exponent);
            seconds = Long.divideUnsigned(units, perSecond);
            long part = Long.remainderUnsigned(units, perSecond);
            fractionNs = exponent <= NS_DIGITS
                    ? part * powerOfTen(NS_DIGITS - exponent)
                    : Long.divideUnsigned(part, powerOfTen(exponent - NS_DIGITS));
        }
        return (seconds + offsetSeconds) * NS_PER_SECOND + fractionNs;
    }

    private static long powerOfTen(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
