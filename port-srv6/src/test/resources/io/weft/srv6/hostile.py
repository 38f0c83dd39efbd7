"""Packets of segment routing that an endpoint must not trust, built by scapy and put on the wire as they are.

    hostile.py SEED INTERFACE

sends them from the interface, good ones in between, and prints for each what it is and the frame inside, in hexadecimal:
"LABEL FRAME". The endpoint is at fd00::1, its remote end at fd00::2; its SIDs are fc00:1:0:a2:: (End.DT2U), fc00:1:0:2b:: (End.DX2V for
VLAN 10), fc00:1:0:e:: (End with PSP and USD) and, where signatures are required, fc00:1:0:82:: (End.DT2U; key 7).
"""
import logging
import random
import socket
import struct
import sys

from scapy.all import Dot1Q, Ether, IPv6, Raw
from scapy.layers.inet6 import (HBHOptUnknown, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                IPv6ExtHdrSegmentRouting, PadN)

logging.getLogger("scapy").setLevel(logging.ERROR)
SITE_MAC, WORLD_MAC = "02:00:00:00:01:01", "02:00:00:00:01:02"
STATION, NOBODY = "02:00:00:00:0a:01", "02:00:00:00:0a:ff"
A, VLANS, END, SIGNED = "fc00:1:0:a2::", "fc00:1:0:2b::", "fc00:1:0:e::", "fc00:1:0:82::"
SEED, INTERFACE = int(sys.argv[1]), sys.argv[2]
random.seed(SEED)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((INTERFACE, 0))
sent = 0


def octets(count):
    return random.randbytes(count)


def inner(length=64, **ether):
    """A frame to a station that nobody knows, so that it is flooded."""
    return bytes(Ether(**{"src": STATION, "dst": NOBODY, "type": 0x88B5, **ether})) + octets(length)


def packet(payload, nh=143, to=A, source="fd00::2", **fields):
    return bytes(IPv6(src=source, dst=to, nh=nh, **fields) / Raw(payload))


def srh(payload, segments=(A,), left=0, nh=143, last=None, length=None, kind=4, tlvs=b""):
    """By hand, since scapy would put right what is to be wrong; the segments in the order of the header."""
    body = b"".join(socket.inet_pton(socket.AF_INET6, each) for each in segments) + tlvs
    return struct.pack("!BBBBBBH", nh, len(body) // 8 if length is None else length, kind, left,
                       (len(segments) - 1 if last is None else last) & 255, 0, 0) + body + payload


def send(label, ip, frame=b""):
    global sent
    wire.send(bytes(Ether(src=WORLD_MAC, dst=SITE_MAC, type=0x86DD)) + ip)
    print(label, frame.hex())
    sent += 1
    if sent % 7 == 0 and label != "good":
        good = inner(length=random.choice((46, 64, 300, 1000)))
        send("good", packet(srh(good), nh=43), good)


def honest():
    """What scapy makes of the headers, and all that may be in front of a frame."""
    def scapy(*headers):
        frame = inner()
        ip = IPv6(src="fd00::2", dst=A)
        for header in headers:
            ip = ip / header
        ip.lastlayer().nh = 143
        send("good", bytes(ip / Raw(frame)), frame)

    scapy()
    scapy(IPv6ExtHdrSegmentRouting(addresses=[A], segleft=0))
    scapy(IPv6ExtHdrSegmentRouting(addresses=[A, "fc00:9::1", "fc00:9::2"], segleft=0))
    scapy(IPv6ExtHdrSegmentRouting(addresses=["fd00::7"], segleft=0))  # a reduced list
    scapy(IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0\0\0\0")]),
          IPv6ExtHdrSegmentRouting(addresses=[A], segleft=0))
    scapy(IPv6ExtHdrHopByHop(options=[HBHOptUnknown(otype=0x3E, optdata=b"\0\0\0\0")]),
          IPv6ExtHdrSegmentRouting(addresses=[A], segleft=0), IPv6ExtHdrDestOpt())
    for tlvs in (b"\x04\x06" + bytes(6), bytes(8), b"\x05\x26" + octets(38), b"\x7b\x06" + octets(6)):
        frame = inner()
        send("good", packet(srh(frame, tlvs=tlvs), nh=43), frame)
    for kind in (0, 2, 3, 253):  # used up, so that it is no business of a node that does not know it
        frame = inner()
        send("good", packet(srh(frame, kind=kind), nh=43), frame)
    for length in (0, 1, 1300):
        frame = inner(length=length)
        send("good", packet(srh(frame), nh=43), frame)
    frame = inner()
    send("good", packet(srh(frame), nh=43) + octets(7), frame)  # padding of the link


def cut():
    frame = inner()
    whole = packet(srh(frame, segments=(A, "fc00:9::1"), tlvs=b"\x04\x06" + bytes(6)), nh=43)
    headers = 40 + 8 + 32 + 8
    for end in range(40, len(whole)):
        send("payload-length", whole[:end])  # which the header does not say
    for end in range(40, headers + 14):
        send("cut", whole[:4] + struct.pack("!H", end - 40) + whole[6:end])
    for end in range(14):
        send("cut", packet(octets(end)))
    for length in (len(whole) - 39, len(whole), 0x7FFF, 0xFFFF):
        send("payload-length", whole[:4] + struct.pack("!H", length) + whole[6:])
    send("cut", whole[:4] + b"\0\0" + whole[6:])
    for version in (0, 4, 5, 7, 15):
        send("version", bytes([version << 4]) + whole[1:])


def lies():
    for last in (1, 2, 3, 127, 254, 255):
        send("last-entry", packet(srh(inner(), last=last), nh=43))
        send("last-entry", packet(srh(inner(), last=last, left=last), nh=43))
    for left in (3, 4, 127, 128, 255):
        send("segments-left", packet(srh(inner(), segments=(A, "fc00:9::1"), left=left), nh=43))
        send("segments-left", packet(srh(inner(), segments=(A, "fc00:9::1"), left=left), nh=43, to=END))
    for left in (1, 2):
        send("more-segments", packet(srh(inner(), segments=("fd00::3", A), left=left), nh=43))
    for length in (12, 40, 255):
        send("cut", packet(srh(inner(30), length=length), nh=43))
    for length in (0, 1):
        send("last-entry", packet(srh(inner(), length=length), nh=43))
    for kind in (0, 1, 2, 3, 5, 6, 253, 255):
        send("routing-type", packet(srh(inner(), left=1, kind=kind), nh=43))
    for tlvs in (b"\x04\x07" + bytes(6), b"\x05\xff" + bytes(6), bytes(7) + b"\x04", b"\x04\x05" + bytes(5) + b"\x01",
                 b"\x04\x00" * 3 + b"\x04\xff"):
        send("tlv", packet(srh(inner(), tlvs=tlvs), nh=43))
        send("tlv", packet(srh(inner(), segments=("fd00::3", END), left=1, tlvs=tlvs), nh=43, to=END))
    for second in (4, 0, 3):
        for left in (0, 1):
            send("second", packet(srh(srh(inner(), left=left, kind=second), nh=43), nh=43))
    headers = inner()
    for count in range(12):
        headers = bytes([143 if count == 0 else 60, 0, 1, 4, 0, 0, 0, 0]) + headers
    send("many-headers", packet(headers, nh=60))


def wrong_places():
    for nh in (4, 6, 17, 41, 47, 50, 58, 59, 132, 255):
        send("upper-layer", packet(srh(octets(60), nh=nh), nh=43))
        send("upper-layer", packet(octets(60), nh=nh))
    send("upper-layer", packet(srh(inner()), nh=43, to=END))
    for more, offset in ((1, 0), (0, 100)):
        send("fragment", packet(bytes(IPv6ExtHdrFragment(nh=143, m=more, offset=offset)) + inner(), nh=44))
    for source in ("fd00::4", "fc00:1:0:a2::", "::", "::1", "ff02::1", "2001:db8::1"):
        send("outside", packet(srh(inner()), nh=43, source=source))
        send("outside", packet(srh(inner(), segments=("fd00::3", END), left=1), nh=43, to=END, source=source))
    for hops in (0, 1):
        send("hop-limit", packet(srh(inner(), segments=(A, END), left=1), nh=43, to=END, hlim=hops))
    for segment in ("::", "::1", "ff02::1", "fe80::1", "::ffff:10.0.0.1"):
        send("segment", packet(srh(inner(), segments=(segment, END), left=1), nh=43, to=END))
    for tag in (bytes(Dot1Q(vlan=11, type=0x88B5)), b""):
        frame = bytes(Ether(src=STATION, dst=NOBODY, type=0x8100 if tag else 0x88B5)) + tag + octets(60)
        send("no-vlan", packet(srh(frame, segments=(VLANS,)), nh=43, to=VLANS))
    for length in range(4):
        send("cut", packet(srh(bytes(Ether(src=STATION, dst=NOBODY, type=0x8100)) + octets(length)), nh=43, to=VLANS))


def onwards():
    """By the node's own End to its own End.DT2U, and what is inside of each other."""
    for count in (1, 2, 5, 20):
        frame = inner()
        segments = (A,) + (END,) * count
        send("good", packet(srh(frame, segments=segments, left=count), nh=43, to=END), frame)
    frame = inner()
    nested = packet(srh(frame), nh=43)
    for depth in range(10):
        nested = packet(srh(nested, nh=41, segments=(END,)), nh=43, to=END)
        send("good", nested, frame)
    send("hop-limit", packet(srh(inner(), segments=(A,) + (END,) * 60, left=60), nh=43, to=END, hlim=60))
    send("kernel", packet(srh(inner(), segments=("fd00::3", END), left=1), nh=43, to=END))  # sent on
    inside = packet(srh(inner()), nh=43, source="fd00::4")
    send("outside", packet(srh(inside, nh=41, segments=(END,)), nh=43, to=END))


def signatures():
    def signed(key):
        return b"\x05\x26\0\0" + struct.pack("!I", key) + octets(32)
    send("hmac-missing", packet(inner(), to=SIGNED))
    send("hmac-missing", packet(srh(inner(), segments=(SIGNED,)), nh=43, to=SIGNED))
    for key in (0, 1, 8, 0xFFFFFFFF):
        send("hmac-key", packet(srh(inner(), segments=(SIGNED,), tlvs=signed(key)), nh=43, to=SIGNED))
    for _ in range(5):
        send("hmac-wrong", packet(srh(inner(), segments=(SIGNED,), tlvs=signed(7)), nh=43, to=SIGNED))


def frames():
    for source in ("01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"):
        frame = inner(src=source)
        send("good", packet(srh(frame), nh=43), frame)  # it is not learned
    for last in range(16):
        send("reserved-multicast", packet(srh(inner(dst="01:80:c2:00:00:%02x" % last)), nh=43))
    for depth in (1, 2, 64):
        tags = b"".join(bytes(Dot1Q(vlan=9, type=0x8100)) for _ in range(depth - 1)) + bytes(Dot1Q(vlan=9, type=0x88B5))
        frame = bytes(Ether(src=STATION, dst=NOBODY, type=0x8100)) + tags + octets(60)
        send("tagged", packet(srh(frame), nh=43))


for step in [honest, cut, lies, wrong_places, onwards, signatures, frames, honest]:
    step()
