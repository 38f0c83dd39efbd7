"""Has two hosts of the kernel's own talk through TAPs that take super-frames, and writes down what they send.

    kernel_tso.py FAR_NAMESPACE OUT PAYLOAD PROTOCOL FAMILY MTU

to be run as root in a network namespace of its own, the near host. It sends the file PAYLOAD to the far one, over tcp or
udp, over IPv4 or IPv6 (FAMILY 4 or 6). Each frame of the near host is written to OUT: 4 bytes length (big-endian), and then
the 10-byte virtio_net_hdr in the machine's byte order and the frame. Some are marked on the way as if there were a
congestion, so that the near host has to send CWR (RFC 3168, 6.1).
"""
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys

TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
CSUM, TSO4, TSO6, TSO_ECN, USO4, USO6 = 1, 2, 4, 8, 0x20, 0x40
UDP_SEGMENT = 103
PORT = 55555
ADDRESSES = {"4": ("10.7.0.1", "10.7.0.2"), "6": ("fd07::1", "fd07::2")}


def tap(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    try:
        fcntl.ioctl(descriptor, TUNSETOFFLOAD, CSUM | TSO4 | TSO6 | TSO_ECN | USO4 | USO6)
    except OSError:  # before Linux 6.2
        fcntl.ioctl(descriptor, TUNSETOFFLOAD, CSUM | TSO4 | TSO6 | TSO_ECN)
    return descriptor


def run(*command):
    subprocess.run(command, check=True)


def configure(inside, device, family, number, mtu):
    run(*inside, "sysctl", "-qw", "net.ipv4.tcp_ecn=1")
    # Neighbours are known from the start: while they are looked for, datagrams get lost.
    macs = ("02:00:00:00:07:01", "02:00:00:00:07:02")
    run(*inside, "ip", "link", "set", device, "address", macs[number], "mtu", mtu, "txqueuelen", "10000", "up")
    address = ADDRESSES[family][number] + ("/24" if family == "4" else "/64")
    run(*inside, "ip", "address", "add", address, "dev", device, *(["nodad"] if family == "6" else []))
    other = ADDRESSES[family][1 - number]
    run(*inside, "ip", "neighbour", "add", other, "lladdr", macs[1 - number], "dev", device, "nud", "permanent")


def source(path, protocol, family):
    """Sends the file."""
    af = socket.AF_INET if family == "4" else socket.AF_INET6
    far = (ADDRESSES[family][1], PORT)
    with open(path, "rb") as file:
        payload = file.read()
    if protocol == "tcp":
        with socket.create_connection(far, timeout=20) as stream:
            stream.sendall(payload)
            stream.shutdown(socket.SHUT_WR)
            stream.recv(1)
        return
    with socket.socket(af, socket.SOCK_DGRAM) as datagrams:
        datagrams.connect(far)
        datagrams.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
        for at in range(0, len(payload), 40_500):
            datagrams.send(payload[at : at + 40_500])


def sink(protocol, family):
    """Takes what comes until it ends."""
    af = socket.AF_INET if family == "4" else socket.AF_INET6
    with socket.socket(af, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM) as listener:
        listener.bind((ADDRESSES[family][1], PORT))
        if protocol == "udp":
            print("ready", flush=True)
            sys.stdin.read()
            return
        listener.listen()
        print("ready", flush=True)
        with listener.accept()[0] as stream:
            while stream.recv(1 << 20):
                pass


def congested(record):
    """The record with ECN's mark in its IP header, if that says it may be marked; or None."""
    record = bytearray(record)
    ip = 10 + 14
    if record[ip - 2 : ip] == b"\x08\x00" and record[ip + 1] & 3 in (1, 2):
        record[ip + 1] |= 3
        record[ip + 10 : ip + 12] = b"\0\0"
        total = sum(struct.unpack_from("!10H", record, ip))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        struct.pack_into("!H", record, ip + 10, total ^ 0xFFFF)
        return bytes(record)
    if record[ip - 2 : ip] == b"\x86\xdd" and record[ip + 1] >> 4 & 3 in (1, 2):
        record[ip + 1] |= 0x30
        return bytes(record)
    return None


def relay(near, far, sending, out):
    marked = sent = 0
    while True:
        ready = select.select([near, far], [], [], 0.2)[0]
        if not ready and sending.poll() is not None:
            return
        for descriptor in ready:
            record = os.read(descriptor, 70000)
            if descriptor == near:
                out.write(struct.pack("!I", len(record)) + record)
                sent += 1
                if record[1] and sent % 8 == 0 and marked < 10:
                    changed = congested(record)
                    marked += changed is not None
                    record = changed or record
            try:
                os.write(far if descriptor == near else near, record)
            except OSError as refused:
                print("not taken by the other host:", refused, record[:80].hex(), file=sys.stderr)


def main(namespace, path, payload, protocol, family, mtu):
    near, far = tap("near"), tap("far")
    run("ip", "link", "set", "far", "netns", namespace)
    inside = ("ip", "netns", "exec", namespace)
    configure((), "near", family, 0, mtu)
    configure(inside, "far", family, 1, mtu)
    python = [sys.executable, os.path.abspath(__file__)]
    taking = subprocess.Popen(
        [*inside, *python, "sink", protocol, family], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        taking.stdout.readline()
        sending = subprocess.Popen([*python, "source", payload, protocol, family])
        try:
            with open(path, "wb") as out:
                relay(near, far, sending, out)
            sys.exit(sending.wait())
        finally:
            sending.kill()
    finally:
        taking.kill()


if sys.argv[1] == "source":
    source(*sys.argv[2:])
elif sys.argv[1] == "sink":
    sink(*sys.argv[2:])
else:
    main(*sys.argv[1:])
