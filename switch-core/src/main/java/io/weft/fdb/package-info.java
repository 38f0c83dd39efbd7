/**
 * The forwarding database: which station was last seen behind which port.
 *
 * <p>One table for all workers, read and written by all of them without locks: {@link io.weft.fdb.Fdb} explains how.
 */
package io.weft.fdb;
