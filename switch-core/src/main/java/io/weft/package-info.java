/** The switch: frames come in through a port, are looked up and leave through another. */
package io.weft;
