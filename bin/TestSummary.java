import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Adds up the XML reports of Surefire and Failsafe below a folder: one line per test that failed, one per test that was
 * skipped with its reason, and the counts as the last line. Run as a source file by bin/test; exit code 0 only if tests
 * ran and none failed.
 */
final class TestSummary {
    public static void main(String[] args) throws Exception {
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        Map<String, String> failures = new TreeMap<>();
        Map<String, String> skips = new TreeMap<>();
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        for (Path report : reports(Path.of(args[0]))) {
            NodeList cases = parser.parse(report.toFile()).getElementsByTagName("testcase");
            if (cases.getLength() == 0) {
                // Surefire reports no test, and no reason, of a class that gave up before its first one.
                skipped++;
                skips.put(className(report), "all of its tests (an assumption failed in @BeforeAll)");
            }
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                String name = test.getAttribute("classname") + "." + test.getAttribute("name");
                Element failure = firstOf(test, "failure", "error");
                Element skip = firstOf(test, "skipped");
                if (failure != null) {
                    failed++;
                    failures.put(name, message(failure));
                } else if (skip != null) {
                    skipped++;
                    skips.put(name, message(skip));
                } else {
                    passed++;
                }
            }
        }
        failures.forEach((name, why) -> System.out.println("FAILED  " + name + ": " + why));
        skips.forEach((name, why) -> System.out.println("skipped " + name + ": " + why));
        System.out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
        System.exit(failed == 0 && passed > 0 ? 0 : 1);
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> files = Files.find(root, 5, (file, attributes) -> file.toString()
                .matches(".*/target/(surefire|failsafe)-reports/TEST-[^/]*\\.xml"))) {
            return files.sorted().toList();
        }
    }

    private static Element firstOf(Element test, String... tags) {
        for (String tag : tags) {
            NodeList found = test.getElementsByTagName(tag);
            if (found.getLength() > 0) {
                return (Element) found.item(0);
            }
        }
        return null;
    }

    private static String className(Path report) {
        return report.getFileName().toString().replaceAll("^TEST-|\\.xml$", "");
    }

    /** The first line of the message; a failed assumption has it only in its stack trace. */
    private static String message(Element outcome) {
        String message = outcome.getAttribute("message").strip();
        if (message.isEmpty()) {
            message = outcome.getTextContent().strip();
        }
        return message.lines()
                .findFirst()
                .orElse("no reason given")
                .replaceFirst("^org\\.opentest4j\\.TestAbortedException(: |$)", "")
                .replaceFirst("^Assumption failed: ", "")
                .replaceFirst("^skipped: ", "");
    }
}
