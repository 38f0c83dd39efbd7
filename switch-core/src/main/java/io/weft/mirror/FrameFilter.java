package io.weft.mirror;

import io.weft.frame.Frame;
import io.weft.frame.FrameSelector;

/**
 * A condition on frames, written as people write it for tcpdump: {@code arp or tcp port 22 and net 10.0.0.0/8}.
 *
 * <p>Where tcpdump has a construct, syntax and meaning are its own, with these differences:
 * <ul>
 *   <li>VLAN tags are always stepped over (up to {@value io.weft.frame.EtherType#MAX_TAGS}), so {@code ip} finds tagged
 *       packets, too, and {@code vlan} changes the meaning of nothing behind it. {@code vlan 10} asks for the VLAN that the
 *       bridge put the frame in, whether or not the frame carries a tag.
 *   <li>A header that the frame does not wholly contain is not there: a condition on it is false, and its {@code not} is
 *       true. tcpdump gives up on such a frame instead and never shows it.
 *   <li>IPv6 extension headers are walked (up to {@value io.weft.frame.Ipv6#MAX_EXTENSION_HEADERS}); tcpdump looks past
 *       one fragment header only, and for ports past none. An IPv4 header length below 20 bytes hides the ports.
 *   <li>No names of hosts, networks or ports, no arithmetic ({@code ip[8] < 5}), no {@code gateway}.
 * </ul>
 * The whole language is above the parser, {@code FilterParser}, and in {@code docs/switching.md}.
 *
 * <p>Threads: immutable; {@link #matches} by any thread that owns the frame.
 */
public final class FrameFilter implements FrameSelector {
    /** The longest expression that {@link #parse} reads, in characters. */
    public static final int MAX_LENGTH = 4_096;

    /** How deep parentheses may be nested. */
    public static final int MAX_DEPTH = 64;

    /** The filter that matches every frame: the empty expression. */
    public static final FrameFilter ALL = new FrameFilter(null);

    private final FilterNode root; // null: everything

    FrameFilter(FilterNode root) {
        this.root = root;
    }

    /**
     * Compiles an expression; an empty one matches every frame.
     *
     * @throws IllegalArgumentException naming the expression, the position and what was expected there
     */
    public static FrameFilter parse(String expression) {
        return new FilterParser(expression).parse();
    }

    /**
     * Whether the frame meets the condition. Borrows the frame for the call; allocates nothing and never throws, whatever
     * the frame's bytes are.
     *
     * @param vlan the VLAN that the bridge put the frame in, 0..4094; 0 for none
     */
    @Override
    public boolean matches(Frame frame, int vlan) {
        return root == null || root.matches(frame, vlan, FrameLayers.of(frame));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FrameFilter filter && (root == null ? filter.root == null : root.equals(filter.root));
    }

    @Override
    public int hashCode() {
        return root == null ? 0 : root.hashCode();
    }

    /** The expression in canonical form: {@link #parse} makes an equal filter of it. */
    @Override
    public String toString() {
        return root == null ? "" : root.toString();
    }
}
