package io.weft.worker;

import io.weft.bridge.PortMonitor;
import io.weft.bridge.PortRules;
import io.weft.bridge.PortState;
import io.weft.event.Station;
import io.weft.fdb.FdbEntry;
import io.weft.fdb.FdbValue;
import io.weft.frame.FramePool;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.Port;
import io.weft.port.PortCounters;
import io.weft.port.PortHandle;
import io.weft.port.PortStatistics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** One port of a switch: what all workers share of it, and its driver's handle. Threads: any. */
final class SwitchPort implements PortHandle, PortMonitor {
    final PortState state;

    private final int index;
    private final Port port;
    private final DriverBinding driver;
    private final List<PortCounters> accounts = new CopyOnWriteArrayList<>();
    private volatile PortCounters ownerAccount;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile PortRules rules = new PortRules(); // written under the datapath's lock
    private volatile boolean removed; // written under the datapath's lock
    private final AtomicInteger unaware = new AtomicInteger(1); // workers that do not send to it yet; at first unknown

    SwitchPort(int index, Port port, DriverBinding driver) {
        this.index = index;
        this.port = port;
        this.driver = driver;
        this.state = new PortState(this);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public Port port() {
        return port;
    }

    DriverBinding driver() {
        return driver;
    }

    @Override
    public PortCounters counters() {
        return ownerAccount;
    }

    @Override
    public PortCounters openCounters() {
        PortCounters account = new PortCounters();
        accounts.add(account);
        return account;
    }

    /** The account of the worker that owns the port; opened before anybody sees the port. */
    void ownerAccount(PortCounters account) {
        ownerAccount = account;
    }

    /** A worker is told of the port. */
    void announced() {
        unaware.incrementAndGet();
    }

    /** All workers have been told. */
    void announcedToAll() {
        unaware.decrementAndGet();
    }

    /** A worker sends to the port from now on. */
    void attached() {
        unaware.decrementAndGet();
    }

    /** Whether a frame that is sent now, whoever receives it, can leave by the port. */
    boolean isAttached() {
        return unaware.get() == 0;
    }

    PortStatistics statistics() {
        return PortStatistics.sum(accounts);
    }

    @Override
    public FrameInbox openInbox(int capacity, FramePool pool) {
        return driver.openInbox(this, capacity, pool);
    }

    @Override
    public void up() {
        driver.datapath().portUp(this);
    }

    @Override
    public void down(String reason) {
        driver.datapath().portDown(this, reason);
    }

    @Override
    public void remove() {
        driver.datapath().removePort(this);
    }

    @Override
    public boolean station(int vlan, long mac, int endpoint) {
        return driver.datapath().configuration().putStation(this, vlan, mac, endpoint);
    }

    @Override
    public boolean forget(int vlan, long mac) {
        return driver.datapath().configuration().deleteStation(this, vlan, mac);
    }

    @Override
    public void flush(int endpoint) {
        driver.datapath().flushSoon(this, FdbValue.requireEndpoint(endpoint));
    }

    /** What was configured for it, made ready for the data path. */
    PortRules rules() {
        return rules;
    }

    /** Replaces its rules; the workers have to be told. Called under the datapath's lock. */
    void rules(PortRules newRules) {
        rules = newRules;
    }

    // ---- what workers notice ----

    @Override
    public void failed(Throwable failure) {
        driver.failed(failure);
    }

    @Override
    public void shutDown(String reason) {
        driver.datapath().portShutDown(this, reason);
    }

    @Override
    public void storm(DropReason storm) {
        driver.datapath().events().storm(port.name(), storm);
    }

    @Override
    public void violation(int vlan, long mac) {
        driver.datapath().events().violation(new Station(vlan, mac, port.name(), 0, FdbEntry.Kind.DYNAMIC, 0));
    }

    /** Marks the port as leaving; {@code false} when it was already. */
    boolean beginRemoval() {
        boolean first = !removed;
        removed = true;
        return first;
    }

    boolean isRemoved() {
        return removed;
    }

    /** Completed when the port has left the switch. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    @Override
    public String toString() {
        return port.name();
    }
}
