/** Tests of VXLAN as a port. */
package io.weft.vxlan;
