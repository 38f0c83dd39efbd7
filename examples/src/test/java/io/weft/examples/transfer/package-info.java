/** Transfers between hosts of the kernel's own, through every kind of port with and without offloads. */
package io.weft.examples.transfer;
