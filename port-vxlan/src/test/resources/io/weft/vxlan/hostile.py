"""Datagrams that a VTEP must not trust, built by scapy and put on the wire as they are.

    hostile.py IP_VERSION SEED INTERFACE
        sends them from the interface, good ones in between, and prints for each what it is and the frame inside, in
        hexadecimal: "LABEL FRAME".

    hostile.py frames SEED
        prints frames of all kinds that a station may send, each as "LABEL FRAME".

The VTEP under test is at 10.0.0.1 or fd00::1. Its remote ends are .2 (VNI 100, VNI 300) and .3 (VNI 200).
"""
import logging
import random
import socket
import struct
import sys

from scapy.all import (
    ARP, ICMP, IP, LLC, SNAP, TCP, UDP, Dot1Q, Ether, IPv6, Raw, fragment)
from scapy.layers.inet import IPOption_NOP, IPOption_Router_Alert
from scapy.layers.inet6 import (
    ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop, PadN)
from scapy.contrib.mpls import MPLS

logging.getLogger("scapy").setLevel(logging.ERROR)
VTEP_MAC, WORLD_MAC = "02:00:00:00:01:01", "02:00:00:00:01:02"
STATION, NOBODY = "02:00:00:00:0a:01", "02:00:00:00:0a:ff"
random.seed(int(sys.argv[2]))


def octets(count):
    return random.randbytes(count)


def inner(payload=b"", length=64, **ether):
    """A frame to a station that nobody knows, so that it is flooded."""
    fields = {"src": STATION, "dst": NOBODY, "type": 0x88B5, **ether}
    return bytes(Ether(**fields)) + (payload or octets(length))


def inner_ip4(**ip):
    return bytes(Ether(src=STATION, dst=NOBODY) / IP(src="10.9.0.1", dst="10.9.0.2", **ip) / UDP(sport=7000, dport=7001)
                 / octets(90))


def inner_ip6(**ip):
    return bytes(Ether(src=STATION, dst=NOBODY) / IPv6(src="fd09::1", dst="fd09::2", **ip)
                 / TCP(sport=7000, dport=7001) / octets(90))


def header(vni=100, flags=8, reserved=0, last=0):
    return struct.pack("!II", flags << 24 | reserved, vni << 8 | last)


class World:
    """What is at the other end of the VTEP's cable."""

    def __init__(self, version, interface):
        self.version = version
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((interface, 0))
        self.sent = 0

    def address(self, number):
        return ("10.0.0.%d" if self.version == 4 else "fd00::%d") % number

    def packet(self, payload, source=2, tos=0, **udp):
        fields = {"sport": 50_000, "dport": 4789, **udp}
        network = (IP(src=self.address(source), dst=self.address(1), tos=tos, id=random.randrange(1 << 16))
                   if self.version == 4 else IPv6(src=self.address(source), dst=self.address(1), tc=tos))
        return Ether(src=WORLD_MAC, dst=VTEP_MAC) / network / UDP(**fields) / Raw(payload)

    def put(self, packet):
        self.socket.send(bytes(packet))

    def send(self, label, payload, frame=b"", **how):
        self.put(self.packet(payload, **how))
        self.tell(label, frame)

    def tell(self, label, frame=b""):
        print(label, frame.hex())
        self.sent += 1
        if self.sent % 7 == 0 and label != "good":
            # None that a shorter one of lengths() may be merged with: if it says that it reaches to the end of both, it may.
            good = inner(length=random.choice((60, 64, 300, 1000)))
            self.send("good", header() + good, good)


def vxlan_headers(world):
    frame = inner()
    for flags in range(256):
        if not flags & 8:
            world.send("no-vni", header(flags=flags) + frame)
        elif flags & 0x80:
            world.send("policy", header(flags=flags, reserved=random.randrange(1 << 24)) + frame)
        elif flags & 4:
            world.send("extension", header(flags=flags, last=0) + frame)
            world.send("extension", header(flags=flags, reserved=random.randrange(7)) + frame)
        else:
            for reserved, last in ((0, 0), (1, 0), (0x800000, 0), (0, 1), (0, 0x80), (random.randrange(1 << 24), 255)):
                other = inner()
                plain = flags == 8 and reserved == 0 and last == 0
                world.send("reserved", header(100, flags, reserved, last) + other, other)
                world.send("plain-strict" if plain else "reserved-strict", header(200, flags, reserved, last) + other,
                           other if plain else b"", source=3)
    for vni in [0, 0xFFFFFF, 99, 101, 0x640000, 0x64, 100 << 8] + [random.randrange(1000, 1 << 24) for _ in range(9)]:
        if vni != 100:
            world.send("vni", header(vni) + frame)


def lengths(world):
    whole = header() + inner_ip4()
    for length in range(len(whole)):
        if length < 8:
            world.send("short", whole[:length])
        elif length < 8 + 14:
            world.send("runt", whole[:length])
        else:
            world.send("cut", whole[:length], whole[8:length])
    for length in (0, 1, 2, 13):
        world.send("runt", header() + bytes(length))
        world.send("runt", header() + b"\xff" * length)


def tags(world):
    for count in range(1, 65):
        stack = [0x8100] + [random.choice((0x8100, 0x88A8, 0x9100)) for _ in range(count - 1)]
        vids = [31] + [random.randrange(4096) for _ in range(count - 1)]
        tagged = b"".join(struct.pack("!HH", tpid, vid) for tpid, vid in zip(stack, vids))
        frame = inner()[:12] + tagged + inner()[12:]
        world.send("tag", header() + frame)
        world.send("tag-carried", header(300) + frame, frame)
    bare = inner(type=0x8100)[:14]
    world.send("tag", header() + bare)
    for length in range(4):
        world.send("tag-runt", header(300) + bare + bytes(length))
    for vid, label in ((4095, "tag-reserved"), (10, "tag-foreign"), (20, "tag-foreign"), (50, "tag-foreign")):
        world.send(label, header(300) + bare + struct.pack("!HH", vid, 0x88B5) + octets(50))


def lies(world):
    frames = []
    for length in (0, 1, 19, 20, 21, 27, 28, 117, 119, 65535):
        frames.append(inner_ip4(len=length))
    for ihl in range(16):
        frames.append(inner_ip4(ihl=ihl))
    frames += [inner_ip4(version=version) for version in (0, 6, 15)]
    for length in (0, 1, 19, 109, 111, 65535):
        frames.append(inner_ip6(plen=length))
    frames += [inner_ip6(nh=number) for number in (0, 43, 44, 51, 60, 135, 255)]
    plain = Ether(src=STATION, dst=NOBODY) / IP(src="10.9.0.1", dst="10.9.0.2")
    for length in (0, 1, 7, 8, 9, 97, 99, 65535):
        frames.append(bytes(plain / UDP(sport=7000, dport=7001, len=length) / octets(90)))
    for offset in range(16):
        frames.append(bytes(plain / TCP(sport=7000, dport=7001, dataofs=offset) / octets(90)))
    frames += [inner(type=length) for length in (0, 1, 45, 64, 1500, 0x5FF)]
    for frame in frames:
        world.send("lie", header() + frame, frame)


def stations(world):
    for number in range(16):
        world.send("reserved-multicast", header() + inner(dst="01:80:c2:00:00:%02x" % number))
    frame = inner()
    for depth in range(1, 11):
        frame = bytes(Ether(src=STATION, dst=NOBODY) / IP(src="10.0.0.2", dst="10.0.0.1")
                      / UDP(sport=50_000, dport=4789)) + header(random.choice((100, 200, 300))) + frame
        world.send("nested", header() + frame, frame)


def sources(world):
    frame = inner()
    for _ in range(5):
        world.send("stranger", header() + frame, source=random.randrange(9, 200))
        world.send("crossed", header() + frame, source=3)
        world.send("crossed-strict", header(200) + frame, source=2)
        world.send("own", header() + frame, source=1)
        world.send("own-learning", header(400) + frame, source=1)
    for source in (2, 3, 4, 5, 6, 7):  # more than it may learn
        frame = inner(src="02:00:00:00:0b:%02x" % source)
        learned = source < 6
        world.send("learned" if learned else "too-many", header(400) + frame, frame if learned else b"", source=source)
    for _ in range(5):
        world.send("congested", header() + inner_ip4(tos=0), tos=3)


def transport(world):
    for length in (1, 2, 7):
        world.send("kernel", header() + inner(), len=length)
    whole = header() + inner()
    for more in (1, 100, 40_000):
        world.send("kernel", whole, len=8 + len(whole) + more)
    for length in (22, 23, 40, 77):
        shorter = world.packet(whole[:length])
        # What is behind the datagram's end belongs to nobody.
        shorter = shorter.__class__(bytes(shorter))
        network = shorter.payload
        if world.version == 4:
            del network.chksum
            network.len = network.len + 30
        else:
            network.plen = network.plen + 30
        world.put(bytes(shorter) + bytes(30))
        world.tell("cut", whole[8:length])
    for _ in range(5):
        right = world.packet(header() + inner())
        checksum = right.__class__(bytes(right))[UDP].chksum
        right[UDP].chksum = checksum ^ random.randrange(1, 0xFFFF)
        world.put(right)
        world.tell("checksum")
        frame = inner()
        world.send("no-checksum", header() + frame, frame if world.version == 4 else b"", chksum=0)


def fragments(world):
    for length in (100, 700, 1400, 3000, 9000):
        frame = inner(length=length)
        packet = world.packet(header() + frame)
        if world.version == 4:
            pieces = fragment(packet, fragsize=random.choice((64, 512)))
        else:
            upper = bytes(Ether(bytes(packet))[IPv6].payload)
            number = random.randrange(1 << 32)
            pieces = [Ether(src=WORLD_MAC, dst=VTEP_MAC) / IPv6(src=world.address(2), dst=world.address(1))
                      / IPv6ExtHdrFragment(nh=17, id=number, offset=at // 8, m=at + 520 < len(upper))
                      / Raw(upper[at:at + 520])
                      for at in range(0, len(upper), 520)]
        if len(pieces) < 2:
            continue
        lost = random.choice((True, False)) if length == 700 else False
        if lost:
            pieces.pop(random.randrange(len(pieces)))
        random.shuffle(pieces)
        for piece in pieces:
            world.put(piece)
        world.tell("kernel" if lost else "fragments", b"" if lost else frame)


def send(version, interface):
    world = World(version, interface)
    parts = [vxlan_headers, lengths, tags, lies, stations, sources, transport, fragments]
    random.shuffle(parts)
    for part in parts:
        part(world)
    good = inner()  # with which the kernel tells how many it has dropped
    world.send("good", header() + good, good)


def frames():
    ether = Ether(src=STATION, dst=NOBODY)
    ip4, ip6 = IP(src="10.9.0.1", dst="10.9.0.2"), IPv6(src="fd09::1", dst="fd09::2")
    kinds = {
        "arp": [Ether(src=STATION, dst="ff:ff:ff:ff:ff:ff") / ARP(pdst="10.9.0.2", hwsrc=STATION, psrc="10.9.0.1")],
        "icmp": [ether / ip4 / ICMP() / octets(size) for size in (0, 1, 56, 1422)],
        "udp": [ether / ip4 / UDP(sport=55000, dport=55001) / octets(size) for size in (0, 1, 17, 18, 512, 1422)],
        "udp-no-checksum": [ether / ip4 / UDP(sport=55000, dport=55001, chksum=0) / octets(40)],
        "tcp": [ether / ip4 / TCP(sport=55000, dport=55001, flags=flags, options=options) / octets(size)
                for flags, options, size in (("S", [("MSS", 1400), ("WScale", 7)], 0), ("A", [], 1000), ("F", [], 0))],
        "options": [ether / IP(src="10.9.0.1", dst="10.9.0.2", options=[IPOption_Router_Alert(), IPOption_NOP()])
                    / UDP(sport=55000, dport=55001) / octets(30)],
        "tos": [ether / IP(src="10.9.0.1", dst="10.9.0.2", tos=tos) / UDP(sport=55000, dport=55001) / octets(30)
                for tos in (1, 2, 3, 0xB8, 0xFF)],
        "fragment": fragment(ether / ip4 / UDP(sport=55000, dport=55001) / octets(3000), 1000),
        "tcp6": [ether / ip6 / TCP(sport=55000, dport=55001) / octets(size) for size in (0, 1, 1370)],
        "udp6": [ether / ip6 / UDP(sport=55000, dport=55001) / octets(size) for size in (0, 1, 1382)],
        "ping6": [ether / ip6 / ICMPv6EchoRequest(data=octets(56))],
        "neighbour": [
            Ether(src=STATION, dst="33:33:ff:00:00:02") / IPv6(src="fd09::1", dst="ff02::1:ff00:2", hlim=255)
            / ICMPv6ND_NS(tgt="fd09::2") / ICMPv6NDOptSrcLLAddr(lladdr=STATION),
            Ether(src=STATION, dst="33:33:00:00:00:01") / IPv6(src="fd09::1", dst="ff02::1", hlim=255)
            / ICMPv6ND_NA(tgt="fd09::1", R=0)],
        "extensions": [ether / ip6 / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"\0" * 4)])
                       / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
                       / UDP(sport=55000, dport=55001) / octets(33)],
        "mpls": [Ether(src=STATION, dst=NOBODY, type=0x8847) / MPLS(label=1000, s=1, ttl=64) / ip4
                 / UDP(sport=55000, dport=55001) / octets(33)],
        "llc": [Ether(src=STATION, dst=NOBODY, type=53) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3)
                / SNAP(OUI=0x123456, code=0x9999) / octets(45)],
        "experiment": [Ether(src=STATION, dst=NOBODY, type=0x88B5) / octets(size)
                       for size in list(range(0, 60)) + [1400, 1449, 1450]],
        "nested": [ether / ip4 / UDP(sport=55000, dport=4789) / header(100) / ether / ip4
                   / UDP(sport=55000, dport=55001) / octets(20)],
        "tagged": [ether / Dot1Q(vlan=31) / ip4 / UDP(sport=55000, dport=55001) / octets(40),
                   ether / Dot1Q(vlan=32, prio=7) / Dot1Q(vlan=5) / ip6 / TCP(sport=55000, dport=55001) / octets(40),
                   ether / Dot1Q(vlan=33) / ARP(pdst="10.9.0.2", hwsrc=STATION, psrc="10.9.0.1")],
    }
    for label, packets in kinds.items():
        for packet in packets:
            print(label, bytes(packet).hex())


if sys.argv[1] == "frames":
    frames()
else:
    send(int(sys.argv[1]), sys.argv[3])
