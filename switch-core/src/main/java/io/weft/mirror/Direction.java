package io.weft.mirror;

/** Which of a packet's two addresses or ports a condition is about. */
enum Direction {
    SOURCE_OR_DESTINATION(""),
    SOURCE("src "),
    DESTINATION("dst "),
    SOURCE_AND_DESTINATION("src and dst ");

    /** As it is written in front of {@code host}, {@code net} or {@code port}. */
    final String word;

    Direction(String word) {
        this.word = word;
    }

    /** Combines what was found out about the source and about the destination. */
    boolean holds(boolean source, boolean destination) {
        return switch (this) {
            case SOURCE_OR_DESTINATION -> source || destination;
            case SOURCE -> source;
            case DESTINATION -> destination;
            case SOURCE_AND_DESTINATION -> source && destination;
        };
    }
}
