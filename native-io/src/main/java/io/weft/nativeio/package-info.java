/** The only place that calls libc: descriptors, epoll and eventfd, errno turned into exceptions. */
package io.weft.nativeio;
