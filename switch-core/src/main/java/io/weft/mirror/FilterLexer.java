package io.weft.mirror;

/**
 * Cuts an expression into words: parentheses, {@code !}, {@code &&}, {@code ||}, and runs of anything else but blanks.
 *
 * <p>Threads: confined.
 */
final class FilterLexer {
    private static final int QUOTED_LENGTH = 120;

    private final String expression;
    private int start; // of the current word
    private int end; // behind the current word
    private String word;

    FilterLexer(String expression) {
        this.expression = expression;
        advance();
    }

    /** The current word; empty at the end of the expression. */
    String word() {
        return word;
    }

    boolean is(String expected) {
        return word.equals(expected);
    }

    /** Returns the current word and goes on to the next. */
    String take() {
        String taken = word;
        advance();
        return taken;
    }

    /** Goes on if the current word is this one. */
    boolean take(String expected) {
        boolean found = is(expected);
        if (found) {
            advance();
        }
        return found;
    }

    /** Goes on if the current word is the first of these or means the same. */
    boolean take(String expected, String synonym) {
        return take(expected) || take(synonym);
    }

    /** The word behind the current one. */
    String peek() {
        int from = skipBlanks(end);
        return expression.substring(from, endOfWord(from));
    }

    private void advance() {
        start = skipBlanks(end);
        end = endOfWord(start);
        word = expression.substring(start, end);
    }

    private int skipBlanks(int from) {
        int at = from;
        while (at < expression.length() && Character.isWhitespace(expression.charAt(at))) {
            at++;
        }
        return at;
    }

    private int endOfWord(int from) {
        if (from == expression.length()) {
            return from;
        }
        char first = expression.charAt(from);
        if (first == '&' || first == '|') {
            return from + (expression.startsWith(first + "" + first, from) ? 2 : 1);
        } else if (isDelimiter(first)) {
            return from + 1;
        }
        int at = from;
        while (at < expression.length() && !isDelimiter(expression.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isDelimiter(char c) {
        return c == '(' || c == ')' || c == '!' || c == '&' || c == '|' || Character.isWhitespace(c);
    }

    /** What is wrong with the current word. */
    IllegalArgumentException error(String expected) {
        String found = word.isEmpty() ? "the expression ends" : "found '" + quote(word) + "'";
        return new IllegalArgumentException("filter '" + quote(expression) + "', character " + (start + 1) + ": "
                + found + "; expected " + expected);
    }

    private static String quote(String text) {
        return text.length() <= QUOTED_LENGTH ? text : text.substring(0, QUOTED_LENGTH) + "...";
    }
}
