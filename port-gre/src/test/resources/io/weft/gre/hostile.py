"""GRE packets that a tunnel must not trust, built by scapy and put on the wire as they are.

    hostile.py IP_VERSION SEED INTERFACE LEARNING

sends them from the interface, good ones in between, and prints for each what it is and the frame inside, in hexadecimal:
"LABEL FRAME". The tunnels under test are at 10.0.0.1 or fd00::1, with remote end .2: without a key, with key 7 (strict), 9 (numbered),
11 (checksum required), 13 (fragments accepted); with LEARNING "true" key 15 learns remote ends.
"""
import logging
import random
import socket
import struct
import sys

from scapy.all import GRE, ICMP, IP, UDP, Dot1Q, Ether, GRErouting, IPv6, Raw, TCP
from scapy.layers.inet6 import IPv6ExtHdrFragment

logging.getLogger("scapy").setLevel(logging.ERROR)
SITE_MAC, WORLD_MAC = "02:00:00:00:01:01", "02:00:00:00:01:02"
STATION, NOBODY = "02:00:00:00:0a:01", "02:00:00:00:0a:ff"
VERSION, SEED, INTERFACE, LEARNING = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "true"
random.seed(SEED)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((INTERFACE, 0))
sent = 0


def octets(count):
    return random.randbytes(count)


def inner(length=64, **ether):
    """A frame to a station that nobody knows, so that it is flooded."""
    return bytes(Ether(**{"src": STATION, "dst": NOBODY, "type": 0x88B5, **ether})) + octets(length)


def inner_ip4(payload=None, **ip):
    return bytes(Ether(src=STATION, dst=NOBODY) / IP(src="10.9.0.1", dst="10.9.0.2", **ip)
                 / (payload or UDP(sport=7000, dport=7001) / octets(90)))


def inner_ip6(**ip):
    return bytes(Ether(src=STATION, dst=NOBODY) / IPv6(src="fd09::1", dst="fd09::2", **ip)
                 / TCP(sport=7000, dport=7001) / octets(90))


def address(number):
    return ("10.0.0.%d" if VERSION == 4 else "fd00::%d") % number


def gre(frame, proto=0x6558, **fields):
    """By scapy, which makes the checksum when there is none given."""
    return bytes(GRE(proto=proto, **fields) / Raw(frame))


def header(bits, proto=0x6558, *words):
    return struct.pack("!HH", bits, proto) + b"".join(struct.pack("!I", word) for word in words)


def outer(payload, source=2, tos=0):
    network = (IP(src=address(source), dst=address(1), tos=tos, proto=47, id=random.randrange(1 << 16)) if VERSION == 4
               else IPv6(src=address(source), dst=address(1), tc=tos, nh=47))
    return Ether(src=WORLD_MAC, dst=SITE_MAC) / network / Raw(payload)


def tell(label, frame=b""):
    global sent
    print(label, frame.hex())
    sent += 1
    if sent % 7 == 0 and label != "good":
        good = inner(length=random.choice((46, 64, 300, 1000)))
        send("good", gre(good), good)


def send(label, payload, frame=b"", **how):
    wire.send(bytes(outer(payload, **how)))
    tell(label, frame)


def flags():
    """Every one of the 16 bits' values that matter, with as long a header as they say."""
    for bits in list(range(0, 1 << 16, 1 << 10)) + [1 << bit for bit in range(3, 10)] + [0x03F8]:
        frame = inner()
        words = 8 if bits & 0x4000 else bin(bits & 0xB000).count("1")
        values = [0] * words
        packet = header(bits, 0x6558, *values) + frame
        if bits & 0x4000:
            send("routing", packet)
        elif bits & 0x0C00:
            send("reserved", packet)
        elif bits & 0x8000:
            send("checksum-or-key", packet) if bits & 0x2000 else send("wrong-sum", packet)
        elif bits & 0x2000:
            send("no-such-key", packet)  # key 0
        else:
            send("good", packet, frame)  # other bits are ignored, and numbers by those without seq
    for bit in range(3, 10):
        frame = inner()
        send("strict", header(0x2000 | 1 << bit, 0x6558, 7) + frame)
        send("strict-good", header(0x2000, 0x6558, 7) + frame, frame)


def versions():
    for version in range(1, 8):
        for _ in range(3):
            bits = random.randrange(1 << 13) << 3 | version
            send("version", header(bits, random.choice((0x6558, 0x880B))) + inner())
    send("version", bytes.fromhex("3081880b001000010000000100000001") + octets(16))  # PPTP
    send("version", bytes.fromhex("2001880b00100001") + octets(20))


def routing():
    """RFC 1701's source routes, with real entries."""
    for family, length in ((0x0800, 4), (0x0800, 12), (0xFFFE, 2), (0, 0), (0x86DD, 32)):
        entry = GRErouting(address_family=family, SRE_offset=0, SRE_len=length, routing_info=octets(length))
        frame = inner()
        packet = GRE(proto=0x6558, routing_present=1, chksum_present=random.randrange(2)) / Raw(
            bytes(entry) + bytes(4) + frame)
        send("routing", bytes(packet))
        send("routing", bytes(GRE(proto=0x6558, routing_present=1, strict_route_source=1) / Raw(bytes(entry) + frame)))


def protocols():
    send("keepalive", header(0, 0))
    send("keepalive", header(0, 0) + octets(24))
    send("keepalive", header(0x2000, 0, 7) + bytes(IP(src=address(1) if VERSION == 4 else "10.0.0.1", dst="10.0.0.2")))
    for proto in (0x88BE, 0x22EB, 0x8847, 0x8848, 0x0806, 0x6559, 0x6557, 1, 0x880B, 0xFFFF, 0x00FE):
        send("protocol", header(0, proto) + octets(60))
        send("protocol", header(0x2000, proto, 7) + octets(60))
    for proto in (0x0800, 0x86DD):
        send("no-such-key", header(0, proto) + inner_ip4()[14:])  # no layer-3 tunnel is there
        send("no-such-key", header(0x2000, proto, 7) + inner_ip4()[14:])
    for key in [0, 1, 6, 8, 0x700, 0x07000000, 0xFFFFFFFF] + [random.randrange(16, 1 << 32) for _ in range(9)]:
        send("no-such-key", gre(inner(), key_present=1, key=key))


def lengths():
    frame = inner_ip4()
    whole = gre(frame)
    for length in range(len(whole)):
        if length < 4:
            send("short", whole[:length])
        elif length < 4 + 14:
            send("runt", whole[:length])
        else:
            send("good", whole[:length], whole[4:length])
    whole = gre(inner(14), chksum_present=1, key_present=1, key=11, seqnum_present=1, sequence_number=5)
    for length in range(4, len(whole)):
        send("short" if length < 16 else "cut-sum", whole[:length])
    send("summed", whole, whole[16:])
    for bits in (0x8000, 0x2000, 0x1000, 0xA000, 0x9000, 0x3000, 0xB000):
        for missing in (1, 4):
            send("short", header(bits, 0x6558) + bytes(4 * bin(bits).count("1") - missing))


def checksums():
    for _ in range(20):
        frame = inner(random.choice((14, 61, 700, 1301)))
        right = gre(frame, chksum_present=1, key_present=1, key=11)
        send("summed", right, frame)
        wrong = bytearray(right)
        at = random.choice((4, 5, *range(12, len(wrong))))
        wrong[at] ^= random.randrange(1, 256)
        send("cut-sum", bytes(wrong))
        send("cut-sum", gre(frame, key_present=1, key=11))  # has none
        wrong = bytearray(gre(frame, chksum_present=1))
        wrong[4] ^= 0x40
        send("wrong-sum", bytes(wrong))
    # A merged packet's inner checksum is unfinished: only TCP and UDP may look so, and this is none of them.
    for frame in (inner_ip4(ICMP() / octets(90)), inner_ip6(), inner_ip4()):
        wrong = bytearray(gre(frame, chksum_present=1))
        wrong[5] ^= 1
        send("wrong-sum", bytes(wrong))


def numbers():
    """Made first and sent at once: after a second of silence any number is accepted."""
    packets = []

    def numbered(label, number=None, **fields):
        frame = inner()
        if number is not None:
            fields.update(seqnum_present=1, sequence_number=number)
        packets.append((label, bytes(outer(gre(frame, key_present=1, key=9, **fields))),
                        frame if label == "numbered" else b""))

    numbered("numbered", 1000)
    numbered("late", 1000)
    numbered("late", 999)
    numbered("late", 900)
    numbered("numbered", 1001)
    numbered("numbered", 0x80000000)
    numbered("late", 1002)
    numbered("late", 0x7FFFFFFF)
    numbered("numbered", 0xFFFFFFFE)
    numbered("numbered", 0xFFFFFFFF)
    numbered("numbered", 0)
    numbered("late", 0xFFFFFFFF)
    numbered("numbered", 1)
    numbered("numbered")  # without a number
    numbered("numbered", 2, chksum_present=1)
    for _, packet, _ in packets:
        wire.send(packet)
    for label, _, frame in packets:
        tell(label, frame)


def nested():
    frame = inner()
    for depth in range(1, 12):
        more = GRE(proto=0x6558) if depth % 2 else GRE(proto=0x6558, key_present=1, key=7, chksum_present=1)
        network = IP(src="10.0.0.2", dst="10.0.0.1") if VERSION == 4 else IPv6(src="fd00::2", dst="fd00::1")
        frame = bytes(Ether(src=STATION, dst=NOBODY) / network / more / Raw(frame))
        send("good", gre(frame), frame)
    send("no-such-key", gre(bytes(IP(src="10.0.0.2", dst="10.0.0.1") / GRE() / IP() / GRE() / IP() / UDP()), 0x0800))


def lies():
    frames = [inner_ip4(len=length) for length in (0, 1, 19, 20, 21, 27, 28, 117, 119, 65535)]
    frames += [inner_ip4(ihl=ihl) for ihl in range(16)] + [inner_ip4(version=version) for version in (0, 6, 15)]
    frames += [inner_ip6(plen=length) for length in (0, 1, 19, 109, 111, 65535)]
    frames += [inner_ip6(nh=number) for number in (0, 43, 44, 47, 51, 60, 135, 255)]
    frames += [inner_ip4(UDP(sport=7000, dport=7001, len=length) / octets(90))
               for length in (0, 1, 7, 8, 9, 97, 99, 65535)]
    frames += [inner_ip4(TCP(sport=7000, dport=7001, dataofs=offset) / octets(90)) for offset in range(16)]
    frames += [inner(type=length) for length in (0, 1, 45, 64, 1500, 0x5FF)]
    for frame in frames:
        send("good", gre(frame), frame)
        frame = frame[:14] + octets(len(frame) - 14)
        send("good", gre(frame, chksum_present=1), frame)
    for number in range(16):
        send("reserved-multicast", gre(inner(dst="01:80:c2:00:00:%02x" % number)))
    send("congested", gre(inner_ip4(tos=0)), tos=3)
    for mark in (1, 2):
        frame, marked = inner_ip4(tos=mark), inner_ip4(tos=3)
        body = frame[34:]
        frame, marked = frame[:34] + body, marked[:34] + body
        send("good", gre(frame), marked, tos=3)


def sources():
    for _ in range(5):
        send("stranger", gre(inner()), source=random.randrange(9, 200))
        send("stranger", gre(inner()), source=3)
        send("stranger-keyed", gre(inner(), key_present=1, key=7), source=3)
        send("stranger-nothing", header(0x4000) + inner(), source=3)
        send("own", gre(inner()), source=1)
        send("own-learning", gre(inner(), key_present=1, key=15), source=1)
    frame = inner(src="02:00:00:00:0b:09")
    send("learned", gre(frame, key_present=1, key=15), frame, source=3)


def pieces(payload, size):
    upper, parts, number = payload, [], random.randrange(1 << 16)
    for at in range(0, len(upper), size):
        more = at + size < len(upper)
        if VERSION == 4:
            network = IP(src=address(2), dst=address(1), proto=47, id=number, frag=at // 8, flags="MF" if more else 0)
        else:
            network = IPv6(src=address(2), dst=address(1)) / IPv6ExtHdrFragment(nh=47, id=number, offset=at // 8, m=more)
        parts.append(Ether(src=WORLD_MAC, dst=SITE_MAC) / network / Raw(upper[at:at + size]))
    return parts


def fragments():
    for length, size in ((100, 64), (1400, 512), (3000, 1400), (9000, 1400), (65400, 1400)):
        for key in (None, 13):
            frame = inner(length)
            payload = gre(frame) if key is None else gre(frame, key_present=1, key=13)
            parts = pieces(payload, size)
            if length < 9000:
                random.shuffle(parts)
            for part in parts:
                wire.send(bytes(part))
            tell("fragments" if key is None else "fragments-accepted", b"" if key is None else frame)
    incomplete = pieces(gre(inner(700)), 64)
    incomplete.pop(random.randrange(len(incomplete)))
    for part in incomplete:
        wire.send(bytes(part))
    tell("kernel")


tests = [flags, versions, routing, protocols, lengths, checksums, numbers, nested, lies, sources, fragments]
random.shuffle(tests)
for test in tests:
    test()
last = inner()
send("good", gre(last), last)
