package io.weft.fdb;

/**
 * What the FDB knows of a station, in one {@code long}, so that it is read and replaced in one piece.
 *
 * <pre>
 *   63  62        49 48          29 28                    7 6    4 3          0
 *   | 0 | port      | endpoint     | last seen, seconds    | kind | generation |
 *   |   | 14 bits   | 20 bits      | 22 bits, wraps        | 3    | 4          |
 * </pre>
 *
 * <p>The generation is {@link Fdb}'s and says which life of the slot the value belongs to.
 */
public final class FdbValue {
    /** Highest port index. */
    public static final int MAX_PORT = (1 << 14) - 1;

    /** Highest endpoint number. */
    public static final int MAX_ENDPOINT = (1 << 20) - 1;

    /** The slot holds no entry. */
    static final int KIND_NONE = 0;

    /** Learned from a frame; ages. */
    static final int KIND_DYNAMIC = 1;

    /** Set by configuration; neither ages nor moves. */
    static final int KIND_STATIC = 2;

    /** Learned on a sticky port, or set; neither ages nor moves. */
    static final int KIND_STICKY = 3;

    /** Set by a control plane; neither ages nor moves. */
    static final int KIND_CONTROL = 4;

    /** Learned, and held at its place for a while because it moved too often; ages. */
    static final int KIND_HELD = 5;

    static final long GENERATION_MASK = 0xf;

    private static final int KIND_SHIFT = 4;
    private static final int SEEN_SHIFT = 7;
    private static final int SEEN_MASK = (1 << 22) - 1;
    private static final int ABOVE_SEEN = 10; // bits of an int above those of SEEN_MASK
    private static final int ENDPOINT_SHIFT = 29;
    private static final int PORT_SHIFT = 49;

    private FdbValue() {}

    /**
     * Checks the number of a remote end.
     *
     * @throws IllegalArgumentException naming what is accepted
     */
    public static int requireEndpoint(int endpoint) {
        if (endpoint < 0 || endpoint > MAX_ENDPOINT) {
            throw new IllegalArgumentException("endpoint is " + endpoint + "; accepted: 0 (none).." + MAX_ENDPOINT);
        }
        return endpoint;
    }

    /** A value of generation 0. */
    static long of(int port, int endpoint, int kind, int nowSeconds) {
        return (long) port << PORT_SHIFT
                | (long) endpoint << ENDPOINT_SHIFT
                | (long) (nowSeconds & SEEN_MASK) << SEEN_SHIFT
                | (long) kind << KIND_SHIFT;
    }

    /** The port the station is behind. */
    public static int port(long value) {
        return (int) (value >>> PORT_SHIFT);
    }

    /** The remote end within that port, 0 for none. */
    public static int endpoint(long value) {
        return (int) (value >>> ENDPOINT_SHIFT) & MAX_ENDPOINT;
    }

    static int kind(long value) {
        return (int) (value >>> KIND_SHIFT) & 7;
    }

    /** The number of a kind. */
    static int code(FdbEntry.Kind kind) {
        return switch (kind) {
            case DYNAMIC -> KIND_DYNAMIC;
            case STATIC -> KIND_STATIC;
            case STICKY -> KIND_STICKY;
            case CONTROL -> KIND_CONTROL;
            case HELD -> KIND_HELD;
        };
    }

    /** The kind of an entry. */
    public static FdbEntry.Kind kindOf(long value) {
        return switch (kind(value)) {
            case KIND_STATIC -> FdbEntry.Kind.STATIC;
            case KIND_STICKY -> FdbEntry.Kind.STICKY;
            case KIND_CONTROL -> FdbEntry.Kind.CONTROL;
            case KIND_HELD -> FdbEntry.Kind.HELD;
            default -> FdbEntry.Kind.DYNAMIC;
        };
    }

    /** Whether the entry neither ages nor moves: its kind is static, sticky or control. */
    public static boolean isPinned(long value) {
        int kind = kind(value);
        return kind >= KIND_STATIC && kind <= KIND_CONTROL;
    }

    /** Whether somebody set the entry: its kind is static or control. */
    static boolean isSet(long value) {
        int kind = kind(value);
        return kind == KIND_STATIC || kind == KIND_CONTROL;
    }

    /** Whether two values name the same port and endpoint. */
    static boolean samePlace(long a, long b) {
        return (a ^ b) >>> ENDPOINT_SHIFT == 0;
    }

    /**
     * Seconds since the station was last seen; right for up to 24 days. Below 0 when another worker, whose round began
     * later, saw it in a second that the caller's round has not reached: such an entry is fresh, not as old as can be.
     */
    static int ageSeconds(long value, int nowSeconds) {
        return (nowSeconds - (int) (value >>> SEEN_SHIFT)) << ABOVE_SEEN >> ABOVE_SEEN;
    }
}
