package io.weft.examples.hosts;

/** How QEMU runs the guest's instructions. */
public enum Accelerator {
    /** Translated by QEMU: works everywhere, boots in 2 to 3 seconds. */
    TCG,
    /** By the processor itself, where /dev/kvm can be used. */
    KVM
}
