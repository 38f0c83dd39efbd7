/**
 * Copies of traffic for those who watch it: which frames of which ports ({@link io.weft.mirror.Mirror}), and a language for
 * people to say which frames they mean ({@link io.weft.mirror.FrameFilter}).
 */
package io.weft.mirror;
