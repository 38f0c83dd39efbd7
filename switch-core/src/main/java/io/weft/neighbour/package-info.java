/**
 * ARP and neighbour discovery suppression: the switch answers for stations whose addresses it was told, so that their
 * requests need not be flooded. {@link io.weft.neighbour.NeighbourTable} holds the bindings, which a control plane owns;
 * {@link io.weft.neighbour.NeighbourResponder} turns a request into its answer, in place.
 */
package io.weft.neighbour;
