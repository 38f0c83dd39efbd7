/**
 * Segment routing over IPv6 (RFC 8754, RFC 8986): frames and packets that travel through a list of segments, each of which is an
 * IPv6 address, a SID, and says what the node that has it does.
 */
package io.weft.srv6;
