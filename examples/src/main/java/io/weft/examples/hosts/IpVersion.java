package io.weft.examples.hosts;

/** IPv4 or IPv6. */
public enum IpVersion {
    IPV4(4, "IPv4"),
    IPV6(6, "IPv6");

    private final int number;
    private final String label;

    IpVersion(int number, String label) {
        this.number = number;
        this.label = label;
    }

    /** 4 or 6, as in the first four bits of the packet. */
    public int number() {
        return number;
    }

    @Override
    public String toString() {
        return label;
    }
}
