/**
 * What a switch counts, as a flat list of samples for programs that collect metrics, and their text form. What there is stands
 * in {@link io.weft.metrics.MetricName}.
 */
package io.weft.metrics;
