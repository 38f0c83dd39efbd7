package io.weft.worker;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ServiceLoader;

/** Finds the best waiter that the class path and the machine have. */
final class Waiters {
    private static final Logger LOG = System.getLogger(Waiters.class.getName());

    private Waiters() {}

    static Waiter open() {
        for (WaiterProvider provider : ServiceLoader.load(WaiterProvider.class)) {
            try {
                return provider.open();
            } catch (IOException e) {
                LOG.log(
                        Level.INFO,
                        "{0} cannot be used: {1}",
                        provider.getClass().getSimpleName(),
                        e.getMessage());
            }
        }
        return new ParkingWaiter();
    }
}
