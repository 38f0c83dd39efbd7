"""One host's end of the transfers of SuperFrameTransferIT.

Commands come one a line, each answered with one line: what was asked for, or "failed: " and why.
The argument is a file of random bytes, which is what this end sends.
"""

import errno
import hashlib
import random
import socket
import sys
import threading

DEADLINE_S = 60  # only ever reached by a failure
CHUNKS = (1, 99, 1447, 4096, 65536, 300000)  # bytes given to the socket at once
SOL_UDP = 17
UDP_SEGMENT = 103
SO_RCVBUFFORCE = 33

content = open(sys.argv[1], "rb").read()
chance = random.Random(len(content))
listener = None
receiver = None


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def opened(address, kind):
    new = socket.socket(family(address), kind)
    new.settimeout(DEADLINE_S)
    return new


# ---- TCP: three connections at once, of which the first sends one way, the second the other, the third both ----


def send(connection):
    left = memoryview(content)
    while left:
        chunk = chance.choice(CHUNKS)
        connection.sendall(left[:chunk])
        left = left[chunk:]
    connection.shutdown(socket.SHUT_WR)


def receive(connection, digests, index):
    digest = hashlib.sha256()
    try:
        while chunk := connection.recv(1 << 18):
            digest.update(chunk)
        digests[index] = digest.hexdigest()
    except OSError as error:
        digests[index] = str(error).replace(" ", "-")


def transfer(connections, sends, receives):
    digests = {}
    threads = [threading.Thread(target=send, args=(connections[i],)) for i in sends]
    threads += [threading.Thread(target=receive, args=(connections[i], digests, i)) for i in receives]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    return " ".join(digests[i] for i in receives)


def listen(address, port):
    global listener
    listener = opened(address, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, int(port)))
    listener.listen()
    return "listening"


def accept():
    connections = []
    for _ in range(3):
        connections.append(listener.accept()[0])
        connections[-1].settimeout(DEADLINE_S)
    listener.close()
    return transfer(connections, sends=(0, 2), receives=(1, 2))


def connect(address, port):
    connections = []
    for _ in range(3):
        connections.append(opened(address, socket.SOCK_STREAM))
        connections[-1].connect((address, int(port)))
    return transfer(connections, sends=(1, 2), receives=(0, 2))


# ---- UDP: the first bytes of the file, in sends of `length` bytes that the kernel or the switch cuts every `segment` ----


def bind(address, port):
    global receiver
    receiver = opened(address, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
    receiver.bind((address, int(port)))
    return "bound"


def datagrams(segment, length, sends):
    """Receives them all, in their order, and compares them with the file, which is the same at both ends."""
    sender = None
    for number in range(int(sends)):
        for start in range(0, int(length), int(segment)):
            expected = content[number + start : number + min(start + int(segment), int(length))]
            datagram, sender = receiver.recvfrom(65536)
            if datagram != expected:
                return "send %d, byte %d: %d bytes in place of %d" % (number, start, len(datagram), len(expected))
        receiver.sendto(b"next", sender)
    receiver.close()
    return "all"


def segments(address, port, segment, length, sends):
    sender = opened(address, socket.SOCK_DGRAM)
    sender.setsockopt(SOL_UDP, UDP_SEGMENT, int(segment))
    sender.connect((address, int(port)))
    for number in range(int(sends)):
        sender.send(content[number : number + int(length)])
        sender.recv(16)
    sender.close()
    return "all"


# ---- what the kernel has counted ----


def checksum_errors():
    count = 0
    lines = [line.split() for line in open("/proc/net/snmp")]
    for names, values in zip(lines[::2], lines[1::2]):
        count += sum(int(value) for name, value in zip(names, values) if name == "InCsumErrors")
    for name, value in (line.split() for line in open("/proc/net/snmp6")):
        count += int(value) if name.endswith("InCsumErrors") else 0
    return str(count)


COMMANDS = {f.__name__: f for f in (listen, accept, connect, bind, datagrams, segments, checksum_errors)}

for line in sys.stdin:
    command, *arguments = line.split()
    try:
        answer = COMMANDS[command](*arguments)
    except OSError as error:
        answer = "failed: %s: %s" % (errno.errorcode.get(error.errno, "?"), error)
    print(answer, flush=True)
