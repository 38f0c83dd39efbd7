package io.weft.fdb;

/** What came of learning a station. */
public enum Learning {
    /** It was known at this place. */
    KNOWN,
    /** It is new. */
    LEARNED,
    /** It was known at another place. */
    MOVED,
    /** Not learned: its port holds as many entries as it may. */
    LIMITED,
    /** Not learned: no entry could go for it. */
    FULL,
    /** Not moved: its entry at another place is static, sticky or a control plane's. */
    PINNED,
    /** Not moved: it moved too often and is held at another place for a while. */
    FLAPPING
}
