/** JMH benchmarks of the switch and of its rivals. */
package io.weft.benchmarks;
