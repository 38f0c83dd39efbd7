"""What tunnels do to the packets they carry, all of it built by scapy and none by Weft.

    tunnels.py SEED EFFORT

writes the same cases for the same numbers to stdout; EFFORT is how many times the random ones are drawn. A case, all
numbers big-endian:

    2 name length, name, 1 what is done, 4 its number ('e': decapsulated, the outer traffic class; 'm':
    clamped, 'x': found too long, 'b': answered, the MTU),
    1 virtio flags, 1 GSO type, 2 GSO size, 2 header length, 2 checksum start, 2 checksum offset,
    4 length, the frame, 1 the result, 4 length, the frame after it
"""
import random
import socket
import struct
import sys

from scapy.all import ICMP, IP, UDP, TCP, Dot1AD, Dot1Q, Ether, IPv6, Raw, conf
from scapy.layers.inet import IPOption_NOP, IPOption_Router_Alert
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    PadN,
    RouterAlert,
    inet_pton,
)

TAGS = ((), (0x8100,), (0x88A8, 0x8100), (0x8100, 0x8100, 0x8100), (0x88A8, 0x88A8, 0x8100, 0x8100))
NETWORKS = ("4", "4-options", "6", "6-hop", "6-destination")
PLAIN = (0, 0, 0, 0, 0, 0)
NOT_ECT, ECT1, ECT0, CE = range(4)
# RFC 6040, figure 4: rows are the inner field, columns the outer one in the same order; None is dropped.
FIGURE_4 = {
    NOT_ECT: {NOT_ECT: NOT_ECT, ECT0: NOT_ECT, ECT1: NOT_ECT, CE: None},
    ECT0: {NOT_ECT: ECT0, ECT0: ECT0, ECT1: ECT1, CE: CE},
    ECT1: {NOT_ECT: ECT1, ECT0: ECT1, ECT1: ECT1, CE: CE},
    CE: {NOT_ECT: CE, ECT0: CE, ECT1: CE, CE: CE},
}


def folded(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Host:
    """Two stations, the tags between them, and the numbers of a packet that do not matter."""

    def __init__(self, rng, tags, network):
        self.rng = rng
        self.tags = tags
        self.network = network
        self.tcis = [(rng.randrange(8), rng.randrange(2), rng.randrange(4095)) for _ in tags]
        self.macs = ["02:%02x:%02x:%02x:%02x:%02x" % tuple(rng.randbytes(5)) for _ in range(2)]
        self.addresses4 = ["10.%d.%d.%d" % tuple(rng.randbytes(3)) for _ in range(2)]
        self.addresses6 = ["2001:db8::%x:%x" % (rng.getrandbits(16), rng.getrandbits(16)) for _ in range(2)]
        self.id, self.label, self.ttl = rng.getrandbits(16), rng.getrandbits(20), rng.randrange(1, 256)
        self.tos = rng.getrandbits(8)
        self.ports = [rng.randrange(1024, 65536) for _ in range(2)]
        self.seq, self.ack, self.window = rng.getrandbits(32), rng.getrandbits(32), rng.getrandbits(16)

    def link(self, back=False):
        four = self.network[0] == "4"
        types = [*self.tags, 0x0800 if four else 0x86DD]
        source, destination = self.macs[::-1] if back else self.macs
        packet = Ether(dst=destination, src=source, type=types[0])
        for i, tag in enumerate(self.tags):
            layer = Dot1Q if tag == 0x8100 else Dot1AD
            prio, dei, vlan = self.tcis[i]
            packet /= layer(prio=prio, id=dei, vlan=vlan, type=types[i + 1])
        return packet

    def ip(self, tos=None, flags="DF"):
        tos = self.tos if tos is None else tos
        if self.network[0] == "4":
            options = [IPOption_Router_Alert(), IPOption_NOP()] if self.network == "4-options" else []
            source, destination = self.addresses4
            return IP(src=source, dst=destination, id=self.id, tos=tos, ttl=self.ttl, flags=flags, options=options)
        source, destination = self.addresses6
        packet = IPv6(src=source, dst=destination, tc=tos, fl=self.label, hlim=self.ttl)
        if self.network == "6-hop":
            packet /= IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"\0" * 8)])
        if self.network == "6-destination":
            packet /= IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(12))])
        return packet

    def tcp(self, flags="PA", options=(), **fields):
        return TCP(
            sport=self.ports[0], dport=self.ports[1], seq=self.seq, ack=self.ack, flags=flags, window=self.window,
            options=list(options), **fields,
        )

    def partial(self, transport_length, protocol):
        if self.network[0] == "4":
            ends = b"".join(socket.inet_aton(address) for address in self.addresses4)
        else:
            ends = b"".join(inet_pton(socket.AF_INET6, address) for address in self.addresses6)
        return folded(ends + struct.pack("!II", transport_length, protocol))

    def __str__(self):
        return "/".join(["%04x" % tag for tag in self.tags] + ["ip" + self.network])


def write(name, what, number, virtio, frame, result, after):
    out = sys.stdout.buffer
    encoded = name.encode()
    out.write(struct.pack("!H", len(encoded)) + encoded + what + struct.pack("!i", number))
    out.write(struct.pack("!BBHHHHI", *virtio, len(frame)) + frame)
    out.write(struct.pack("!BI", result, len(after)) + after)


def ecn(rng, tags, network, inner, outer):
    host = Host(rng, tags, network)
    dscp = rng.randrange(64) << 2
    payload = rng.randbytes(rng.randrange(0, 40))

    def frame(field):
        return bytes(host.link() / host.ip(dscp | field) / UDP(sport=host.ports[0], dport=host.ports[1]) / Raw(payload))

    expected = FIGURE_4[inner][outer]
    result = 2 if expected is None else int(expected != inner)
    after = frame(inner if expected is None else expected)
    write("%s %d in %d" % (host, inner, outer), b"e", rng.randrange(64) << 2 | outer, PLAIN, frame(inner), result, after)


def mss(rng, tags, network, flags, layout, partial):
    host = Host(rng, tags, network)
    mtu = rng.choice((576, 1280, 1400, 1450, 1500, 8950))
    fitting = mtu - (40 if network[0] == "4" else 60)
    offered = rng.choice((1, 536, 1220, fitting - 1, fitting, fitting + 1, 1460, 8960, 65495, 65535))
    payload = rng.randbytes(rng.choice((0, 0, 1, 100)))
    stamps = (rng.getrandbits(32), 0)

    def frame(size):
        options = [
            [("MSS", size)],
            [("NOP", None), ("MSS", size), ("NOP", None), ("NOP", None), ("NOP", None)],
            [("MSS", size), ("SAckOK", b""), ("Timestamp", stamps), ("NOP", None), ("WScale", 7)],
            [("Timestamp", stamps), ("SAckOK", b""), ("WScale", 7), ("MSS", size)],
            [("WScale", 7), ("MSS", size), ("EOL", None)],
            [("SAckOK", b""), ("Timestamp", stamps)],
            [("EOL", None), ("MSS", size)],
            [],
        ][layout]
        bare = host.link() / host.ip(flags=rng_flags) / host.tcp(flags, options) / Raw(payload)
        whole = bytes(bare)
        transport = bytes(host.tcp(flags, options)) + payload
        start = len(whole) - len(transport)
        if not partial:
            return whole, PLAIN
        host_sum = host.partial(len(transport), 6)
        made = bytearray(whole)
        struct.pack_into("!H", made, start + 16, host_sum)
        return bytes(made), (1, 0, 0, 0, start, 16)

    rng_flags = rng.choice(("DF", 0, "MF"))
    before, virtio = frame(offered)
    lowered = "S" in flags and "R" not in flags and layout < 5 and offered > fitting
    after, _ = frame(fitting if lowered else offered)
    name = "%s %s, options %d, %d for %d%s" % (host, flags, layout, offered, mtu, ", partial" if partial else "")
    write(name, b"m", mtu, virtio, before, int(lowered), after)


def too_big(rng, tags, network, transport, length):
    host = Host(rng, tags, network)
    mtu = rng.randrange(1280, length) if length > 1280 else rng.randrange(68, length)
    four = network[0] == "4"
    overhead = len(bytes(host.ip()))
    virtio = PLAIN
    if transport == "icmp":
        payload = rng.randbytes(length - overhead - 8)
        layer = ICMP(id=7, seq=9) / Raw(payload) if four else ICMPv6EchoRequest(id=7, seq=9, data=payload)
    elif transport == "udp":
        layer = UDP(sport=host.ports[0], dport=host.ports[1]) / Raw(rng.randbytes(length - overhead - 8))
    else:
        layer = host.tcp() / Raw(rng.randbytes(length - overhead - 20))
    packet = host.ip() / layer
    frame = bytearray(bytes(host.link() / packet))
    if transport == "tcp-partial":
        start = len(frame) - (length - overhead)
        struct.pack_into("!H", frame, start + 16, host.partial(length - overhead, 6))
        super_frame = length > 1600 and len(tags) <= 2
        gso_type = 0 if not super_frame else 1 if four else 4
        virtio = (1, gso_type, 1400 if super_frame else 0, start + 20 if super_frame else 0, start, 16)
    ip = 14 + 4 * len(tags)
    quoted = bytes(frame[ip:])
    if four:
        back = IP(src=host.addresses4[1], dst=host.addresses4[0], id=0, tos=0, ttl=64, flags="DF")
        back /= ICMP(type=3, code=4, unused=0, nexthopmtu=mtu)
        answer = bytes(host.link(back=True) / back / Raw(quoted[: 576 - 28]))
    else:
        back = IPv6(src=host.addresses6[1], dst=host.addresses6[0], tc=0, fl=0, hlim=64) / ICMPv6PacketTooBig(mtu=mtu)
        answer = bytes(host.link(back=True) / back / Raw(quoted[: 1280 - 48]))
    longest = overhead + 20 + 1400 if virtio[1] else length
    for limit in (longest - 1, longest, longest + 1):
        name = "%s %s of %d in %d" % (host, transport, length, limit)
        write(name, b"x", limit, virtio, bytes(frame), int(longest > limit), bytes(frame))
    write("%s %s of %d for %d" % (host, transport, length, mtu), b"b", mtu, virtio, bytes(frame), 1, answer)


def main():
    seed, effort = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    conf.verb = 0
    for _ in range(effort):
        for tags in TAGS:
            for network in NETWORKS:
                for inner in range(4):
                    for outer in range(4):
                        ecn(rng, tags, network, inner, outer)
                for flags in ("S", "SA", "SEC", "A", "PA", "SR"):
                    for layout in range(8):
                        mss(rng, tags, network, flags, layout, rng.random() < 0.3)
                for transport in ("icmp", "udp", "tcp", "tcp-partial"):
                    shortest = 100 if network[0] == "4" else 1281
                    lengths = (shortest, 549, 575, 576, 577) if network[0] == "4" else (shortest, 1282)
                    for length in (*lengths, rng.randrange(1282, 1600), 1500, 9000, 60001):
                        too_big(rng, tags, network, transport, length)


main()
