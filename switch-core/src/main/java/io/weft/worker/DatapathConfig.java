package io.weft.worker;

/**
 * How a datapath runs.
 *
 * @param name prefix of its threads' names
 * @param workers threads at most; at least 1
 * @param invoker whether the caller steps the switch instead of threads
 * @param clock monotonic time
 * @param idleStrategy what a worker without work does
 */
public record DatapathConfig(String name, int workers, boolean invoker, NanoClock clock, IdleStrategy idleStrategy) {}
