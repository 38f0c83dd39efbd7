package io.weft.tap;

/**
 * Leaves a persistent device behind as a virtual machine monitor leaves it: with virtio headers of another length than
 * ours, and with the host allowed to send super-frames.
 *
 * <p>Threads: any.
 */
final class EarlierUser {
    private static final String PROGRAM = """
            import fcntl, struct, sys
            name, header, offloads = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3])
            device = open('/dev/net/tun', 'r+b', buffering=0)
            fcntl.ioctl(device, 0x400454ca, struct.pack('16sH22x', name, 0x5002))  # TUNSETIFF: TAP, NO_PI, VNET_HDR
            fcntl.ioctl(device, 0x400454d8, struct.pack('i', header))              # TUNSETVNETHDRSZ
            fcntl.ioctl(device, 0x400454d0, offloads)                              # TUNSETOFFLOAD
            fcntl.ioctl(device, 0x400454cb, 1)                                     # TUNSETPERSIST
            """;

    private EarlierUser() {}

    /**
     * Makes a device.
     *
     * @param headerLength bytes of its virtio header
     * @param offloads bits of TUNSETOFFLOAD
     */
    static void leave(NetworkNamespace host, String device, int headerLength, int offloads) {
        NetworkNamespace.assumeProgram("python3");
        host.run("python3", "-c", PROGRAM, device, "" + headerLength, "" + offloads);
    }
}
