"""Has a host of the kernel's own receive super-frames, and writes down what its sockets are given.

    kernel_sink.py IN STREAM DATAGRAMS FAMILY PEER PEER_PORT OWN OWN_PORT MAC SEQUENCE ACKNOWLEDGEMENT

to be run as root in a network namespace of its own. IN holds records: 4 bytes length (big-endian), the 10-byte
virtio_net_hdr in the machine's byte order, and a frame. STREAM gets what a TCP socket receives, which is connected to the
peer without a handshake (TCP_REPAIR) and expects SEQUENCE next; DATAGRAMS what a UDP socket receives, each datagram behind 4
bytes length. Then the counters of wrong checksums are printed, TCP's and UDP's.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
RECEIVE_QUEUE, SEND_QUEUE = 1, 2


def run(*command):
    subprocess.run(command, check=True)


def host(family, own, peer, mac):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH14x", b"host", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    run("ip", "link", "set", "host", "address", mac, "mtu", "9000", "up")
    prefix, flags = ("/24", []) if family == "4" else ("/64", ["nodad"])
    run("ip", "address", "add", own + prefix, "dev", "host", *flags)
    run("ip", "neighbour", "add", peer, "lladdr", "02:00:00:00:00:99", "dev", "host", "nud", "permanent")
    return descriptor


def connected(af, own, peer, sequence, acknowledgement):
    stream = socket.socket(af, socket.SOCK_STREAM)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    stream.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    for queue, number in ((RECEIVE_QUEUE, sequence), (SEND_QUEUE, acknowledgement)):
        stream.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        stream.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", number))
    stream.bind(own)
    stream.connect(peer)
    stream.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
    stream.setblocking(False)
    return stream


def drain(receive):
    """All that is there, without waiting: a frame that was written has been through the kernel."""
    while True:
        try:
            piece = receive()
        except BlockingIOError:
            return
        if not piece:
            return
        yield piece


def wrong_checksums():
    names = {}
    with open("/proc/net/snmp", encoding="ascii") as file:
        lines = file.read().split("\n")
    for head, values in zip(lines[::2], lines[1::2]):
        layer = head.split(":")[0]
        names.update({layer + name: value for name, value in zip(head.split()[1:], values.split()[1:])})
    with open("/proc/net/snmp6", encoding="ascii") as file:
        names.update(line.split() for line in file)
    return int(names["TcpInCsumErrors"]), int(names["UdpInCsumErrors"]) + int(names["Udp6InCsumErrors"])


def main(path, stream_path, datagrams_path, family, peer, peer_port, own, own_port, mac, sequence, acknowledgement):
    device = host(family, own, peer, mac)
    af = socket.AF_INET if family == "4" else socket.AF_INET6
    stream = connected(af, (own, int(own_port)), (peer, int(peer_port)), int(sequence), int(acknowledgement))
    datagrams = socket.socket(af, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    datagrams.bind((own, int(own_port)))
    datagrams.setblocking(False)
    with open(path, "rb") as file, open(stream_path, "wb") as bytes_out, open(datagrams_path, "wb") as datagrams_out:
        while length := file.read(4):
            os.write(device, file.read(struct.unpack("!I", length)[0]))
            for piece in drain(lambda: stream.recv(1 << 20)):
                bytes_out.write(piece)
            for datagram in drain(lambda: datagrams.recv(1 << 16)):
                datagrams_out.write(struct.pack("!I", len(datagram)) + datagram)
            for _ in drain(lambda: os.read(device, 70000)):
                pass
    print(*wrong_checksums())


main(*sys.argv[1:])
