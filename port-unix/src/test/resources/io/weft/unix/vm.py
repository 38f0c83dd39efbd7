"""Stands in for virtual machines: QEMU's stream and datagram socket formats, spoken by Python's own sockets.

Says "ready" on standard output when its sockets are open, and ends when its standard input does.
"""
import os
import socket
import struct
import sys
import threading


def frames(connection):
    """Frames of a stream, until the other end closes it."""
    stream = connection.makefile("rb")
    while True:
        prefix = stream.read(4)
        if len(prefix) < 4:
            return
        (length,) = struct.unpack("!I", prefix)
        frame = stream.read(length)
        if len(frame) < length:
            return
        yield frame


sending = threading.Lock()


def send(connection, frame):
    """Sends a frame in two writes, to have it cut in the middle."""
    record = struct.pack("!I", len(frame)) + frame
    with sending:
        connection.sendall(record[:7])
        connection.sendall(record[7:])


HOST = bytes.fromhex("0200000000aa")
BROADCAST = bytes.fromhex("ffffffffffff")


def answer(frame, mac):
    """What mac answers: everything that the host sends to it or to all, back. None for other frames."""
    if frame[:6] in (mac, BROADCAST) and frame[6:12] == HOST:
        return HOST + mac + frame[12:]
    return None


def echo(connection, mac):
    for frame in frames(connection):
        back = answer(frame, mac)
        if back:
            send(connection, back)


def mac_of(number):
    return bytes([2, 0, 0, 0, 1, number])


def connect(path):
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    return connection


def background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def stream_echo(path):
    background(echo, connect(path), mac_of(1))


def stream_server(path):
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path)
    server.listen()

    def serve():
        while True:
            connection, _ = server.accept()
            background(echo, connection, mac_of(1))

    background(serve)


def dgram_echo(own, remote):
    if os.path.exists(own):
        os.unlink(own)
    vm = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    vm.bind(own)

    def serve():
        while True:
            back = answer(vm.recv(1 << 17), mac_of(1))
            if back:
                vm.sendto(back, remote)

    background(serve)


def many(path, count, each):
    """Connects count machines, each of which sends the host some frames and answers what it gets."""
    for number in range(1, int(count) + 1):
        connection = connect(path)
        background(echo, connection, mac_of(number))
        for i in range(int(each)):
            send(connection, HOST + mac_of(number) + b"\x88\xb5" + struct.pack("!I", i) + bytes(42))


def deaf(path):
    """Connects and never reads; leaves half a frame behind when it is killed."""
    global kept
    kept = connect(path)
    send(kept, BROADCAST + mac_of(99) + b"\x88\xb5" + bytes(46))
    kept.sendall(struct.pack("!I", 1000) + bytes(500))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
    print("ready", flush=True)
    sys.stdin.read()
