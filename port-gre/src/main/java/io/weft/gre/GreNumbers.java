package io.weft.gre;

/**
 * The sequence numbers of a remote end, both ways.
 *
 * @param received confined to the worker of the listener
 * @param sent any thread
 */
record GreNumbers(GreSequence received, GreSequenceCounter sent) {
    GreNumbers() {
        this(new GreSequence(), new GreSequenceCounter());
    }
}
