/**
 * Making a port worse on purpose, as Linux' netem does: loss, delay, duplication, reordering, corruption and a rate, for
 * each direction, repeatable with a seed. {@link io.weft.impairment.ImpairedDriver} wraps any driver.
 */
package io.weft.impairment;
