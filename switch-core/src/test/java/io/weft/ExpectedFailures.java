package io.weft;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that make things fail on purpose, many times: keeps what the switch logs about it out of the build's output. */
public final class ExpectedFailures implements BeforeAllCallback, AfterAllCallback {
    private static final Logger SWITCH = Logger.getLogger("io.weft"); // held, or its level would be collected with it

    @Override
    public void beforeAll(ExtensionContext context) {
        SWITCH.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        SWITCH.setLevel(null);
    }
}
