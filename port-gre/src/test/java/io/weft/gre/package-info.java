/** Tests of GRE and ERSPAN as ports. */
package io.weft.gre;
