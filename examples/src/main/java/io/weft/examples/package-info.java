/** Small programs, each telling one story, and the {@code weft} command. */
package io.weft.examples;
