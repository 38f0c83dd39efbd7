package io.weft.mirror;

import io.weft.frame.Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * A node of a compiled filter. {@code toString} is the node in the filter language; equal nodes are equal conditions.
 *
 * <p>Threads: immutable.
 */
sealed interface FilterNode {
    /** Whether the frame meets the condition; {@code layers} is {@link FrameLayers#of} the frame. */
    boolean matches(Frame frame, int vlan, long layers);

    /** A condition on the frame alone, without parts. */
    non-sealed interface Primitive extends FilterNode {}

    /** All of the parts, of which there are at least two and none is an {@code And}. */
    record And(List<FilterNode> parts) implements FilterNode {
        static And of(FilterNode left, FilterNode right) {
            List<FilterNode> parts = new ArrayList<>(left instanceof And and ? and.parts : List.of(left));
            parts.addAll(right instanceof And and ? and.parts : List.of(right));
            return new And(List.copyOf(parts));
        }

        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            for (int i = 0; i < parts.size(); i++) { // by index: an iterator would be an allocation
                if (!parts.get(i).matches(frame, vlan, layers)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return join(parts, " and ");
        }
    }

    /** Any of the parts, of which there are at least two and none is an {@code Or}. */
    record Or(List<FilterNode> parts) implements FilterNode {
        static Or of(FilterNode left, FilterNode right) {
            List<FilterNode> parts = new ArrayList<>(left instanceof Or or ? or.parts : List.of(left));
            parts.addAll(right instanceof Or or ? or.parts : List.of(right));
            return new Or(List.copyOf(parts));
        }

        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).matches(frame, vlan, layers)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public String toString() {
            return join(parts, " or ");
        }
    }

    /** The opposite of its part, which is not a {@code Not}. */
    record Not(FilterNode part) implements FilterNode {
        static FilterNode of(FilterNode part) {
            return part instanceof Not not ? not.part : new Not(part);
        }

        @Override
        public boolean matches(Frame frame, int vlan, long layers) {
            return !part.matches(frame, vlan, layers);
        }

        @Override
        public String toString() {
            return "not " + operand(part);
        }
    }

    private static String join(List<FilterNode> parts, String word) {
        StringBuilder text = new StringBuilder();
        for (FilterNode part : parts) {
            text.append(text.isEmpty() ? "" : word).append(operand(part));
        }
        return text.toString();
    }

    /** In parentheses unless it is one thing: "and" and "or" bind equally, which no reader should have to know. */
    private static String operand(FilterNode part) {
        return part instanceof And || part instanceof Or ? "(" + part + ")" : part.toString();
    }
}
