/**
 * Recording frames: the pcapng format, a file written by a thread of its own, and what of which ports goes into it.
 */
package io.weft.capture;
