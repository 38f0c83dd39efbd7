/**
 * The only place in Weft that calls libc, and so the only one that knows about descriptors, errno and struct layouts.
 *
 * <p>The story, from a port's point of view:
 *
 * <ol>
 *   <li>{@link io.weft.nativeio.Linux} loads libc once and says in a plain sentence why it cannot, where that is so.
 *       {@link io.weft.nativeio.LibC} lists the functions bound, with C's names.
 *   <li>Memory crosses the border as an address in a {@code long}, never as a {@code ByteBuffer}: that is 10 ns a call
 *       instead of 31, of which a forwarded frame needs two. {@link io.weft.nativeio.FrameAddress} tells where a frame
 *       lies, {@link io.weft.nativeio.NativeMemory} is for the structs a call wants.
 *   <li>A negative result means that errno tells why. On the hot path one asks {@link io.weft.nativeio.Linux#errno} only
 *       then and compares with the constants of {@link io.weft.nativeio.Errno}; elsewhere
 *       {@link io.weft.nativeio.NativeException} says what was tried and what the system answered, and the port adds what
 *       the user can do about it.
 *   <li>{@link io.weft.nativeio.MessageVector} is how a socket receives and sends many messages with one call,
 *       {@link io.weft.nativeio.VirtioNetHeader} how the kernel tells what is left to be done to a frame.
 *   <li>{@link io.weft.nativeio.NamespaceEntry} does things in another network namespace,
 *       {@link io.weft.nativeio.LinkQuery} asks about an interface.
 *   <li>{@link io.weft.nativeio.EpollWaiter} is how a worker sleeps; the core finds it with {@code ServiceLoader}.
 * </ol>
 *
 * <p>Linux on x86-64 and aarch64 only: constants and layouts are those of these two.
 */
package io.weft.nativeio;
