/** Tests of the switch, and the contract test that every port passes. */
package io.weft;
