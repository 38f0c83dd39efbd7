/**
 * What a switch tells its listeners, Flight Recorder and the log, off the data path: workers write to bounded queues, one
 * thread reads them.
 */
package io.weft.event;
