package io.weft.websocket;

/** A header that the user adds to the upgrade request. Threads: immutable. */
record HttpHeader(String name, String value) {
    /** Reads {@code Name: value}; throws {@code IllegalArgumentException} for what is not that. */
    static HttpHeader parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon).strip();
        String value = text.substring(colon + 1).strip();
        // Both as RFC 9110 5.1 and 5.5 have them: no way to smuggle a second header in.
        if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || !value.matches("[\\x20-\\x7e]*")) {
            throw new IllegalArgumentException("not a header");
        }
        return new HttpHeader(name, value);
    }
}
