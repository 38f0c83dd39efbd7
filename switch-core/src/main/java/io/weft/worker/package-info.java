/**
 * Who runs: the threads of a switch, what they run, how they wait, and how the ports get to them.
 *
 * <p>A {@link io.weft.worker.Worker} is one thread (or, in invoker mode, a turn of the caller's) that polls some drivers and
 * forwards what they received. The {@link io.weft.worker.Datapath} owns the workers and the ports and changes them at run
 * time by commands that each worker runs itself, between two rounds: the forwarding path needs no lock.
 */
package io.weft.worker;
