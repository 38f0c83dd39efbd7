/**
 * Copies of traffic for those who watch it: which frames of which ports, and where they go.
 */
package io.weft.mirror;
