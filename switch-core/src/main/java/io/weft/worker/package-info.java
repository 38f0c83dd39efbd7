/**
 * Who runs: workers, what they run, and how they wait.
 */
package io.weft.worker;
