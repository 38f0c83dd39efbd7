package io.weft.examples.hosts;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws the main example: two columns, each a host above its switch, and the tunnel between the switches.
 *
 * <pre>
 * ┌──────────────────┐                                   ┌──────────────────┐
 * │ VM 1             │                                   │ VM 2             │
 * │ 10.0.0.1         │                                   │ 10.0.0.2         │
 * └────────┬─────────┘                                   └────────┬─────────┘
 *          │ unix socket                                          │ unix socket
 * ┌────────┴─────────┐         WebSocket tunnel          ┌────────┴─────────┐
 * │ switch 1         ╞═══════════════════════════════════╡ switch 2         │
 * └──────────────────┘       ws://127.0.0.1:41123/       └──────────────────┘
 * </pre>
 *
 * @param left the host and the switch on the left
 * @param right those on the right
 * @param tunnel one line above the tunnel and, if it has a second, one below
 */
public record Topology(Column left, Column right, List<String> tunnel) {
    private static final int MIN_TUNNEL_WIDTH = 14;

    /**
     * One host, its switch, and what is between them.
     *
     * @param host lines in the host's box; not empty
     * @param link lines beside the line between the two boxes; not empty
     * @param networkSwitch lines in the switch's box; not empty
     */
    public record Column(List<String> host, List<String> link, List<String> networkSwitch) {
        public Column {
            if (host.isEmpty() || link.isEmpty() || networkSwitch.isEmpty()) {
                throw new IllegalArgumentException("a host, a link and a switch each have at least one line of text");
            }
        }
    }

    /** The characters that boxes are drawn with: corners, sides, and where the lines leave the boxes. */
    private record Pen(
            String topLeft,
            String topRight,
            String bottomLeft,
            String bottomRight,
            String side,
            String bar,
            String down,
            String up,
            String tunnelLeft,
            String tunnelBar,
            String tunnelRight) {
        static final Pen UNICODE = new Pen("┌", "┐", "└", "┘", "│", "─", "┬", "┴", "╞", "═", "╡");
        static final Pen ASCII = new Pen("+", "+", "+", "+", "|", "-", "+", "+", "+", "=", "+");

        boolean fits(Charset charset) {
            return charset.canEncode()
                    && charset.newEncoder()
                            .canEncode(topLeft
                                    + topRight
                                    + bottomLeft
                                    + bottomRight
                                    + side
                                    + bar
                                    + down
                                    + up
                                    + tunnelLeft
                                    + tunnelBar
                                    + tunnelRight);
        }
    }

    /** What standard output turns characters into. JDK 17 has no call that tells, newer ones set a property. */
    public static Charset standardOutputCharset() {
        for (String property : List.of("stdout.encoding", "sun.stdout.encoding", "native.encoding")) {
            String name = System.getProperty(property);
            try {
                if (name != null && Charset.isSupported(name)) {
                    return Charset.forName(name);
                }
            } catch (IllegalCharsetNameException e) {
                // the next property, or the default, will do for a drawing
            }
        }
        return Charset.defaultCharset();
    }

    /** The drawing's lines, with box-drawing characters if this charset has them and ASCII if not. */
    public List<String> draw(Charset charset) {
        Pen pen = Pen.UNICODE.fits(charset) ? Pen.UNICODE : Pen.ASCII;
        int width = Math.max(width(left), width(right));
        // Room for the tunnel's names, and for the text beside the left link, which begins right of the box's middle.
        int gap =
                Math.max(MIN_TUNNEL_WIDTH, Math.max(longest(tunnel) + 4, longest(left.link()) - width + width / 2 + 3));

        List<String> lines = new ArrayList<>();
        List<String> leftHost = box(left.host(), height(left.host(), right.host()), width, pen, false);
        List<String> rightHost = box(right.host(), leftHost.size() - 2, width, pen, false);
        addSideBySide(lines, leftHost, rightHost, width, gap);

        int links = height(left.link(), right.link());
        addSideBySide(lines, link(left, links, width, pen), link(right, links, width, pen), width, gap);

        int height = height(left.networkSwitch(), right.networkSwitch());
        addSideBySide(
                lines,
                box(left.networkSwitch(), height, width, pen, true),
                box(right.networkSwitch(), height, width, pen, true),
                width,
                gap);
        drawTunnel(lines, lines.size() - height - 1, width, gap, pen);
        return lines.stream().map(String::stripTrailing).toList();
    }

    /** The inner width of the boxes: text with a blank at each side. */
    private static int width(Column column) {
        return Math.max(longest(column.host()), longest(column.networkSwitch())) + 2;
    }

    private static int longest(List<String> lines) {
        return lines.stream().mapToInt(String::length).max().orElse(0);
    }

    private static int height(List<String> some, List<String> others) {
        return Math.max(some.size(), others.size());
    }

    private static List<String> box(List<String> text, int height, int width, Pen pen, boolean linkAbove) {
        List<String> lines = new ArrayList<>();
        String plain = pen.bar().repeat(width);
        String withLink = pen.bar().repeat(width / 2)
                + (linkAbove ? pen.up() : pen.down())
                + pen.bar().repeat(width - width / 2 - 1);
        lines.add(pen.topLeft() + (linkAbove ? withLink : plain) + pen.topRight());
        for (int i = 0; i < height; i++) {
            String line = i < text.size() ? text.get(i) : "";
            lines.add(pen.side() + " " + line + " ".repeat(width - 1 - line.length()) + pen.side());
        }
        lines.add(pen.bottomLeft() + (linkAbove ? plain : withLink) + pen.bottomRight());
        return lines;
    }

    private static List<String> link(Column column, int height, int width, Pen pen) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < height; i++) {
            String text = i < column.link().size() ? column.link().get(i) : "";
            lines.add(" ".repeat(1 + width / 2) + pen.side() + " " + text);
        }
        return lines;
    }

    private static void addSideBySide(
            List<String> lines, List<String> leftLines, List<String> rightLines, int width, int gap) {
        for (int i = 0; i < leftLines.size(); i++) {
            String leftLine = leftLines.get(i);
            lines.add(leftLine + " ".repeat(Math.max(0, width + 2 + gap - leftLine.length())) + rightLines.get(i));
        }
    }

    /** Over the blanks between the switches: the double line at their first line of text, its names around it. */
    private void drawTunnel(List<String> lines, int row, int width, int gap, Pen pen) {
        int start = width + 1;
        overwrite(lines, row, start, pen.tunnelLeft() + pen.tunnelBar().repeat(gap) + pen.tunnelRight());
        for (int i = 0; i < Math.min(2, tunnel.size()); i++) {
            String text = tunnel.get(i);
            overwrite(lines, row - 1 + 2 * i, start + 1 + (gap - text.length()) / 2, text);
        }
    }

    private static void overwrite(List<String> lines, int row, int column, String text) {
        String line = lines.get(row);
        lines.set(row, line.substring(0, column) + text + line.substring(column + text.length()));
    }
}
