package io.weft.packet;

import java.io.IOException;

/** A capture file cannot be read on. The message says what is wrong and at which byte. */
final class PcapFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    PcapFormatException(String message) {
        super(message);
    }
}
