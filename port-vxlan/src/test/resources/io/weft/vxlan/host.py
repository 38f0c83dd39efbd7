"""What the hosts of a KernelNetwork run: `serve PORT FILE`, `files ADDRESS PORT FILE`, `segments ADDRESS PORT FILE SHAPE...`.

The server sends its file to whoever asks, takes another and answers with its digest, and sends each datagram back.
"""

import hashlib
import socket
import sys
import threading

DEADLINE_S = 60  # only ever reached by a failure
SOL_UDP = 17
UDP_SEGMENT = 103
SO_RCVBUFFORCE = 33
SENDS = 5  # of datagrams, one after the other has come back


def digest_of(connection):
    digest = hashlib.sha256()
    while chunk := connection.recv(1 << 18):
        digest.update(chunk)
    return digest.hexdigest()


def opened(address, kind):
    new = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    new.settimeout(DEADLINE_S)
    new.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    return new


def read(name):
    with open(name, "rb") as file:
        return file.read()


# ---- the server ----


def attend(connection, content):
    with connection:
        if connection.recv(1) == b"g":
            connection.sendall(content)
        else:
            connection.sendall(digest_of(connection).encode())


def echo(port):
    receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    receiver.bind(("::", port))
    while True:
        datagram, sender = receiver.recvfrom(65536)
        receiver.sendto(datagram, sender)


def serve(port, name):
    content = read(name)
    threading.Thread(target=echo, args=(int(port),), daemon=True).start()
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=attend, args=(connection, content), daemon=True).start()


# ---- the client ----


def files(address, port, name):
    """Both ways at once: the digest that the server found of ours, and that of the server's."""
    found = {}

    def put():
        with opened(address, socket.SOCK_STREAM) as connection:
            connection.connect((address, int(port)))
            connection.sendall(b"p")
            connection.sendall(read(name))
            connection.shutdown(socket.SHUT_WR)
            found["ours"] = connection.recv(64, socket.MSG_WAITALL).decode()

    def get():
        with opened(address, socket.SOCK_STREAM) as connection:
            connection.connect((address, int(port)))
            connection.sendall(b"g")
            found["theirs"] = digest_of(connection)

    threads = [threading.Thread(target=put), threading.Thread(target=get)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found["ours"] + " " + found["theirs"]


def segments(address, port, name, *shapes):
    """Of each shape, `SEGMENT:LENGTH`, that many bytes at once, cut by the kernel or by the switch; 0 is not to cut."""
    content = read(name)
    for shape in shapes:
        segment, length = (int(number) for number in shape.split(":"))
        trouble = exchange(address, int(port), content, segment, length)
        if trouble:
            return shape + ", " + trouble
    return "all"


def exchange(address, port, content, segment, length):
    size = segment or length
    with opened(address, socket.SOCK_DGRAM) as sender:
        if segment:
            sender.setsockopt(SOL_UDP, UDP_SEGMENT, size)
        sender.connect((address, port))
        for number in range(SENDS):
            sender.send(content[number : number + length])
            for start in range(0, length, size):
                expected = content[number + start : number + min(start + size, length)]
                datagram = sender.recv(65536)
                if datagram != expected:
                    return "send %d, byte %d: %d bytes in place of %d" % (number, start, len(datagram), len(expected))
    return None


command = {"serve": serve, "files": files, "segments": segments}[sys.argv[1]]
print(command(*sys.argv[2:]), end="")
