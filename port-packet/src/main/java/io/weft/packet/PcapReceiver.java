package io.weft.packet;

import io.weft.frame.Frame;
import io.weft.frame.FramePool;
import io.weft.packet.PcapInterface.LostException;
import io.weft.port.DropReason;
import io.weft.port.FrameInbox;
import io.weft.port.PortContext;
import io.weft.port.PortException;
import io.weft.port.PortHandle;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that waits for an interface's frames and hands them to the worker. When the interface is lost it takes the
 * port down and tries to open it again, at intervals that grow up to {@value #MAX_RETRY_MS} ms.
 *
 * <p>Threads: {@link #current} by the worker; {@link #start} and {@link #close} by whoever has the driver.
 */
final class PcapReceiver implements Runnable {
    private static final int QUEUE_CAPACITY = 2_048;
    private static final int POOL_SMALL = 2 * QUEUE_CAPACITY;
    private static final int POOL_LARGE = 64;
    private static final long MIN_RETRY_MS = 250;
    private static final long MAX_RETRY_MS = 4_000;
    private static final int FRAMES_PER_STATISTICS = 256;
    private static final int HEADER_AND_TWO_TAGS = 14 + 8;
    private static final int MIN_FRAME_LENGTH = 14;

    private final PcapSettings settings;
    private final PcapInterface.Opener opener;
    private final PortContext context;
    private final PortHandle handle;
    private final FramePool pool = new FramePool(POOL_SMALL, POOL_LARGE);
    private final FrameInbox inbox;
    private final Thread thread;
    private volatile PcapInterface current;
    private volatile boolean closed;

    // The thread's.
    private int longest; // that the interface's MTU allows, both tags counted
    private boolean superFramesReported;
    private long overruns;
    private int framesSinceStatistics;

    PcapReceiver(
            PcapSettings settings,
            PcapInterface.Opener opener,
            PcapInterface opened,
            PortContext context,
            PortHandle handle) {
        this.settings = settings;
        this.opener = opener;
        this.context = context;
        this.handle = handle;
        current = opened;
        inbox = handle.openInbox(QUEUE_CAPACITY, pool);
        thread = new Thread(this, "weft-pcap-" + settings.interfaceName());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** What to send by; {@code null} while the interface is lost. */
    PcapInterface current() {
        return current;
    }

    @Override
    public void run() {
        pool.own();
        while (!closed) {
            longest = longest();
            String reason = receive();
            PcapInterface lost = current;
            current = null;
            if (!closed) {
                handle.down(settings.interfaceName() + " is lost: " + reason);
            }
            lost.close(); // waits until a send that is going on has ended
            reopen();
        }
        PcapInterface late = current; // opened while the port was being closed
        if (late != null) {
            late.close();
        }
    }

    /** Receives until the interface is lost; returns how. */
    private String receive() {
        PcapInterface from = current;
        overruns = 0;
        try {
            while (!closed) {
                byte[] bytes = from.receive();
                if (bytes != null) {
                    take(bytes, from.receivedLength());
                }
                if (bytes == null || ++framesSinceStatistics == FRAMES_PER_STATISTICS) {
                    countOverruns(from);
                }
            }
            return "closed";
        } catch (LostException e) {
            return e.getMessage();
        }
    }

    private void take(byte[] bytes, int length) {
        if (length < MIN_FRAME_LENGTH) {
            inbox.drop(length, DropReason.RUNT);
        } else if (length > bytes.length || length > longest && length > (longest = longest())) {
            inbox.drop(length, DropReason.RX_TOO_LONG);
            reportSuperFrame(length);
        } else {
            Frame frame = inbox.allocate(length);
            if (frame != null) {
                frame.putBytes(0, bytes, 0, length);
                inbox.offer(frame);
            }
        }
        inbox.flush();
    }

    private void reportSuperFrame(int length) {
        if (!superFramesReported) {
            superFramesReported = true;
            String name = settings.interfaceName();
            context.report(name + " gave a frame of " + length
                    + " bytes, which its MTU does not allow: an offload merges"
                    + " frames, and libpcap does not say how to part them; they are dropped. Turn it off: ethtool -K "
                    + name + " gro off lro off tx off tso off gso off (at a veth on both ends), or use packet:" + name);
        }
    }

    /** The longest frame by the interface's MTU; any, where the system does not say. */
    private int longest() {
        int mtu = mtu();
        return mtu <= 0 ? Frame.MAX_LENGTH : Math.min(Frame.MAX_LENGTH, mtu + HEADER_AND_TWO_TAGS);
    }

    private int mtu() {
        String name = settings.interfaceName();
        try {
            // On Linux the JDK sees only interfaces that have an address, which a bridge's mostly have not.
            return Integer.parseInt(
                    Files.readString(Path.of("/sys/class/net", name, "mtu")).trim());
        } catch (IOException | IllegalArgumentException e) {
            return mtuWithoutSysfs(name);
        }
    }

    private static int mtuWithoutSysfs(String name) {
        try {
            NetworkInterface of = NetworkInterface.getByName(name);
            return of == null ? 0 : of.getMTU();
        } catch (SocketException e) {
            return 0;
        }
    }

    /**
     * Frames that libpcap's buffer had no room for were received too; how long they were nobody knows, nor whether all of
     * them were not on their way out.
     */
    private void countOverruns(PcapInterface from) {
        framesSinceStatistics = 0;
        long now = from.overruns();
        for (; overruns < now; overruns++) {
            inbox.drop(0, DropReason.RX_QUEUE_FULL);
        }
    }

    private void reopen() {
        long waitMs = MIN_RETRY_MS;
        while (!closed) {
            LockSupport.parkNanos(
                    this, TimeUnit.MILLISECONDS.toNanos(waitMs)); // close() unparks; too short does no harm
            waitMs = Math.min(2 * waitMs, MAX_RETRY_MS);
            if (closed) {
                return;
            }
            try {
                current = opener.open(settings.interfaceName(), settings.promiscuous());
                handle.up();
                return;
            } catch (PortException e) {
                // as long as it is not there; that it was lost has been said
            }
        }
    }

    /** Ends the thread and closes the interface. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        PcapInterface waitedFor = current;
        if (waitedFor != null) {
            waitedFor.wakeup();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
