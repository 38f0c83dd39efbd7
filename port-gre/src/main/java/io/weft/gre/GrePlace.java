package io.weft.gre;

import io.weft.gre.GreSettings.Payload;

/**
 * Where ports are found at a {@link GreListener}: the kind of payload and the key of the packets that a port takes as one number,
 * so that keyless is not key 0.
 *
 * <p>Threads: stateless.
 */
final class GrePlace {
    private GrePlace() {}

    /** The place of packets with a kind of payload and a key; of NVGRE, with a VSID. */
    @SuppressWarnings("EnumOrdinal") // in memory only
    static long of(Payload payload, long key) {
        return (long) payload.ordinal() << 33 | key + 1;
    }

    /** Those of the packets that a port takes. */
    static long[] of(GreSettings settings) {
        return settings.keylessIsZero() && settings.inKey() <= 0
                ? new long[] {of(settings.payload(), 0), of(settings.payload(), GreSettings.NO_KEY)}
                : new long[] {of(settings.payload(), settings.inKey())};
    }
}
