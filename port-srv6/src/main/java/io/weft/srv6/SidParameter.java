package io.weft.srv6;

/**
 * What a behaviour is told besides its SID, with the kernel's words ({@code ip -6 route … encap seg6local}) where it has them.
 *
 * <p>Threads: immutable.
 */
public enum SidParameter {
    /** Where packets go that End.DX4 lays bare: an IPv4 address. */
    NH4("nh4", "an IPv4 address of a station, as 192.0.2.1"),
    /** Where packets go that End.X passes on or End.DX6 lays bare: an IPv6 address. */
    NH6("nh6", "an IPv6 address of a station, as fc00:a::1 or fe80::1%2"),
    /** The port that frames or packets leave through. */
    OIF("oif", "the name of a port, 1..63 characters without blanks"),
    /** The VLAN of the frames that the port gets (End.DX2V). */
    VLAN("vlan", "1..4094"),
    /** The table that the next destination, or the packet's destination, is looked up in. */
    TABLE("table", "the name or number of a table, 1..63 letters, digits and . _ -"),
    /** The segments of a binding SID, in the order of travel. */
    SEGS("segs", "1..16 IPv6 addresses separated by commas, in the order of travel, as fc00:2::1,fc00:3::1");

    private final String word;
    private final String accepted;

    SidParameter(String word, String accepted) {
        this.word = word;
        this.accepted = accepted;
    }

    /** How it is called in text. */
    public String word() {
        return word;
    }

    /** What values it takes, for messages and help. */
    public String accepted() {
        return accepted;
    }
}
