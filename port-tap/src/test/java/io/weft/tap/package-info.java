/** Tests of the TAP port, and {@link io.weft.tap.NetworkNamespace} for tests anywhere that need hosts. */
package io.weft.tap;
