package io.weft.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps docs/writing-a-port.md true: its Java is the example's, and the files it points to exist. */
class WritingAPortGuideTest {
    private static final Path GUIDE = Path.of("../docs/writing-a-port.md");
    private static final Path EXAMPLES = Path.of("src/main/java/io/weft/examples");
    private static final int LINES_PROMISED = 80;

    private static String example(String className) throws IOException {
        return Files.readString(EXAMPLES.resolve(className + ".java"));
    }

    @Test
    void shouldQuoteTheExampleAsItIs() throws IOException {
        String sources = example("WriteYourOwnPort")
                + example("EchoPortProvider")
                + Files.readString(Path.of("src/test/java/io/weft/examples/WriteYourOwnPortTest.java"));
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(GUIDE));
        int blocks = 0;
        while (block.find()) {
            assertThat(sources).contains(block.group(1));
            blocks++;
        }
        assertThat(blocks).isPositive();
    }

    @Test
    void shouldPointToFilesThatExist() throws IOException {
        Matcher link = Pattern.compile("]\\((\\.\\./[^)#]+)\\)").matcher(Files.readString(GUIDE));
        int links = 0;
        while (link.find()) {
            assertThat(GUIDE.resolveSibling(link.group(1))).exists();
            links++;
        }
        assertThat(links).isPositive();
    }

    @Test
    void shouldKeepThePromisedLength() throws IOException {
        assertThat(example("WriteYourOwnPort").lines().count()).isLessThan(LINES_PROMISED);
    }
}
