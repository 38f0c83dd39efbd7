/**
 * Recording frames: the pcapng format, a file written by a thread of its own, and a wrapper that records any driver.
 */
package io.weft.capture;
