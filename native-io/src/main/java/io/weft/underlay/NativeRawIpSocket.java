package io.weft.underlay;

/** A raw socket of the Linux kernel, by native calls. */
final class NativeRawIpSocket {
    private NativeRawIpSocket() {}

    static UnderlaySocket open(RawIpSettings settings) throws UnderlayException {
        throw new UnderlayException(UnderlayException.Kind.UNSUPPORTED, "raw sockets: not yet", null);
    }
}
