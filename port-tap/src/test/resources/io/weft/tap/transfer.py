"""Sends a file from one host to another and says what arrived.

    transfer.py sink PROTOCOL ADDRESS
    transfer.py source PROTOCOL ADDRESS FILE

PROTOCOL is tcp or udp. The sink prints "ready", and then the SHA-256 of what it got. Datagrams have 1,000 bytes; up to 40 of
them are sent at once (UDP_SEGMENT), and only when those before have been acknowledged, so that none is lost for want of room.
"""
import hashlib
import socket
import sys

PORT = 55556
UDP_SEGMENT = 103
AT_ONCE = 40_000


def kind(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def sink(protocol, address):
    digest = hashlib.sha256()
    if protocol == "tcp":
        with socket.socket(kind(address), socket.SOCK_STREAM) as listener:
            listener.bind((address, PORT))
            listener.listen()
            print("ready", flush=True)
            with listener.accept()[0] as stream:
                while piece := stream.recv(1 << 20):
                    digest.update(piece)
                print(digest.hexdigest(), flush=True)
        return
    with socket.socket(kind(address), socket.SOCK_DGRAM) as datagrams:
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        datagrams.bind((address, PORT))
        print("ready", flush=True)
        received = 0
        while True:
            datagram, sender = datagrams.recvfrom(1 << 16)
            if datagram == b"end":
                break
            if len(datagram) > 1000:
                sys.exit("a datagram of %d bytes" % len(datagram))
            digest.update(datagram)
            received += len(datagram)
            if received % AT_ONCE == 0:
                datagrams.sendto(b"go on", sender)
        print(digest.hexdigest(), flush=True)


def source(protocol, address, path):
    with open(path, "rb") as file:
        payload = file.read()
    if protocol == "tcp":
        with socket.create_connection((address, PORT), timeout=20) as stream:
            stream.sendall(payload)
        return
    with socket.socket(kind(address), socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(20)
        datagrams.connect((address, PORT))
        datagrams.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
        for at in range(0, len(payload), AT_ONCE):
            datagrams.send(payload[at : at + AT_ONCE])
            if len(payload) - at >= AT_ONCE:
                datagrams.recv(100)
        datagrams.send(b"end")


if sys.argv[1] == "sink":
    sink(*sys.argv[2:])
else:
    source(*sys.argv[2:])
