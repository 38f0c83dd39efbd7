package io.weft.nativeio;

import io.weft.worker.Waiter;
import io.weft.worker.WaiterProvider;
import java.io.IOException;

/** Makes {@link EpollWaiter}s on Linux; elsewhere says why not, so that the core's own way of waiting is used. */
public final class EpollWaiterProvider implements WaiterProvider {
    /** For {@code ServiceLoader}. */
    public EpollWaiterProvider() {}

    @Override
    public Waiter open() throws IOException {
        Linux.require();
        return new EpollWaiter();
    }
}
