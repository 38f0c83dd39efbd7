/**
 * GRE (RFC 2784, RFC 2890) as ports of a switch: Ethernet in GRE with one remote end or many, IP in GRE, NVGRE (RFC 7637), GRE
 * in UDP (RFC 8086), and ERSPAN as a mirror's destination.
 */
package io.weft.gre;
