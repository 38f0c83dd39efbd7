"""Has the kernel do what a switch without offloads has to: cut super-frames, and complete checksums.

    kernel_gso.py IN OUT

to be run as root in a network namespace of its own, where it makes two TAP devices and a bridge between them: the first
takes frames with a virtio_net_hdr, the second gives them out as they would be on the wire. IN holds records, each 4 bytes
length (big-endian) and then the 10-byte header in the machine's byte order and the frame. OUT gets for each of them 4 bytes
saying how many frames came out, and those, each behind 4 bytes length.
"""
import fcntl
import os
import select
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
MARK = b"\x02mark!" + b"\x02marks" + b"\x88\xb5"  # local experimental: written behind each record


def tap(name, flags):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TAP | IFF_NO_PI | flags))
    return descriptor


def run(*command):
    subprocess.run(command, check=True)


def records(path):
    with open(path, "rb") as file:
        while length := file.read(4):
            yield file.read(struct.unpack("!I", length)[0])


def next_frame(descriptor):
    if not select.select([descriptor], [], [], 10)[0]:
        sys.exit("the kernel sends nothing any more")
    return os.read(descriptor, 70000)


def main():
    source, sink = tap("source", IFF_VNET_HDR), tap("sink", 0)
    for setting in ("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"):
        run("sysctl", "-qw", setting)
    for table in ("iptables", "ip6tables", "arptables"):
        if os.path.exists("/proc/sys/net/bridge/bridge-nf-call-" + table):
            run("sysctl", "-qw", "net.bridge.bridge-nf-call-" + table + "=0")
    run("ip", "link", "add", "join", "type", "bridge", "stp_state", "0", "mcast_snooping", "0", "forward_delay", "0")
    for device in ("source", "sink"):
        run("ip", "link", "set", device, "mtu", "65521", "txqueuelen", "10000", "master", "join", "up")
    run("ip", "link", "set", "join", "up")
    with open(sys.argv[2], "wb") as out:
        # Until the bridge forwards, marks are lost.
        for mark in range(1000):
            os.write(source, bytes(10) + MARK + struct.pack("!I", mark) + bytes(42))
            if select.select([sink], [], [], 0.02)[0]:
                break
        mark += 1
        for record in records(sys.argv[1]):
            frames = []
            try:
                os.write(source, record)
            except OSError as refused:
                print("refused with", refused, record[:10].hex(), file=sys.stderr)
            os.write(source, bytes(10) + MARK + struct.pack("!I", mark) + bytes(42))
            while True:
                frame = next_frame(sink)
                if frame.startswith(MARK):
                    if struct.unpack_from("!I", frame, len(MARK))[0] == mark:
                        break
                else:
                    frames.append(frame)
            mark += 1
            out.write(struct.pack("!I", len(frames)))
            for frame in frames:
                out.write(struct.pack("!I", len(frame)) + frame)


main()
