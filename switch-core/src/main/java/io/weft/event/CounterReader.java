package io.weft.event;

import io.weft.fdb.FdbStatistics;
import io.weft.port.PortStatistics;

/** Takes a switch's counters, one call for each port and one for the FDB. */
public interface CounterReader {
    /** What a port has counted so far. */
    void port(String port, boolean up, PortStatistics statistics);

    /** What the FDB has counted so far; not called for a wire. */
    void fdb(FdbStatistics statistics);
}
