"""Super-frames, and the wire frames they stand for, all of them built by scapy and none by Weft.

    truth.py SEED EFFORT

writes the same cases for the same numbers to stdout; EFFORT is how many times the random ones are drawn. A case, all
numbers big-endian:

    2 name length, name, 1 whether a receiver must merge the frames into the one super-frame,
    1 virtio flags, 1 GSO type, 2 GSO size, 2 header length, 2 checksum start, 2 checksum offset,
    2 true header length, 4 length, the super-frame, 2 number of frames, and for each 4 length, the frame
"""
import random
import struct
import sys

from scapy.all import IP, UDP, TCP, Dot1AD, Dot1Q, Ether, IPv6, Raw, conf
from scapy.layers.inet import IPOption, IPOption_LSRR, IPOption_NOP, IPOption_RR, IPOption_Router_Alert
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    HAO,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    IPv6ExtHdrSegmentRouting,
    PadN,
    RouterAlert,
    inet_pton,
)
import socket

MSS = (1, 8, 88, 536, 1220, 1448, 8948)
TAGS = ((), (0x8100,), (0x88A8,), (0x8100, 0x8100), (0x88A8, 0x8100), (0x88A8, 0x88A8), (0x8100, 0x88A8))
NETWORKS = ("4", "4-options", "4-source-route", "6", "6-hop", "6-destination", "6-routing", "6-segments", "6-home", "6-three")
TRANSPORTS = ("tcp", "tcp-timestamps", "tcp-sack", "tcp-40-options", "udp")
# PSH and FIN belong to the last segment, CWR to the first (with the ECN bit of the GSO type), the others to all.
FLAGS = ("A", "PA", "FA", "FPA", "CA", "CPA", "EA", "ECFPA", "NA", "NECPA", "UA", "UPFA")
SIZES = ("one less", "one", "one more", "two", "many", "many and a part")
VIA = ("2001:db8:7::1", "2001:db8:7::2")
HOME = "2001:db8:40::9"


def folded(data):
    """The 16-bit ones' complement sum, not complemented: what stands in a field whose checksum is partial."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Case:
    def __init__(self, rng, tags, network, transport, flags="A", mss=1448):
        self.rng = rng
        self.tags = tags
        self.network = network
        self.transport = transport
        self.flags = flags
        self.mss = mss
        self.tcis = [(rng.randrange(8), rng.randrange(2), rng.randrange(4095)) for _ in tags]
        self.macs = ["02:%02x:%02x:%02x:%02x:%02x" % tuple(rng.randbytes(5)) for _ in range(2)]
        self.ports = [rng.randrange(50000, 60000) for _ in range(2)]
        # Numbers that wrap around within the super-frame are worth more than others.
        self.seq = rng.choice((rng.getrandbits(32), 2**32 - rng.randrange(1, 4 * mss + 2)))
        self.id = rng.choice((rng.getrandbits(16), 2**16 - rng.randrange(1, 5)))
        self.ack = rng.getrandbits(32)
        self.window = rng.getrandbits(16)
        self.urgent = rng.getrandbits(16)
        self.tos = rng.getrandbits(8)
        self.ttl = rng.randrange(1, 256)
        self.df = rng.choice(("DF", 0))
        self.label = rng.getrandbits(20)
        self.addresses4 = ["10.%d.%d.%d" % tuple(rng.randbytes(3)) for _ in range(2)]
        self.addresses6 = ["2001:db8::%x:%x" % (rng.getrandbits(16), rng.getrandbits(16)) for _ in range(2)]
        self.sack = [rng.getrandbits(32) for _ in range(8)]
        self.stamps = (rng.getrandbits(32), rng.getrandbits(32))

    def link(self, inner_type):
        types = [*self.tags, inner_type]
        packet = Ether(dst=self.macs[0], src=self.macs[1], type=types[0])
        for i, tag in enumerate(self.tags):
            layer = Dot1Q if tag == 0x8100 else Dot1AD
            prio, dei, vlan = self.tcis[i]
            packet /= layer(prio=prio, id=dei, vlan=vlan, type=types[i + 1])
        return packet

    def ip(self, segment):
        """The network layer of a segment, without the lengths and sums that scapy works out; and the ends of its path."""
        if self.network[0] == "4":
            source, destination = self.addresses4
            options, end = [], destination
            if self.network == "4-options":
                options = [IPOption_Router_Alert(), IPOption_RR(routers=["192.0.2.1", "0.0.0.0"]), IPOption_NOP()]
            elif self.network == "4-source-route":
                options = [IPOption_NOP(), IPOption_LSRR(routers=["192.0.2.7", "192.0.2.9"])]
                end = "192.0.2.9"
            # Segments of one super-frame count on from its identification, whether or not they may be fragmented.
            layer = IP(
                src=source, dst=destination, id=(self.id + segment) % 2**16, tos=self.tos, ttl=self.ttl,
                flags=self.df, options=options, proto=17 if self.transport == "udp" else 6,
            )
            return layer, [socket.inet_aton(source), socket.inet_aton(end)]
        source, end = self.addresses6
        first, layers = end, []
        if self.network in ("6-hop", "6-three"):
            layers.append(IPv6ExtHdrHopByHop(options=[RouterAlert(), PadN(optdata=b"\0" * 8)]))
        if self.network in ("6-destination", "6-three"):
            layers.append(IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(12))]))
        if self.network in ("6-routing", "6-three"):
            first = VIA[0]
            layers.append(IPv6ExtHdrRouting(type=0, addresses=[VIA[1], end], segleft=2))
        if self.network == "6-segments":
            first = VIA[0]
            layers.append(IPv6ExtHdrSegmentRouting(addresses=[end, VIA[1], VIA[0]], segleft=2, lastentry=2))
        if self.network == "6-home":
            layers.append(IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)]))
            source, care_of = HOME, source
        else:
            care_of = source
        packet = IPv6(src=care_of, dst=first, tc=self.tos, fl=self.label, hlim=self.ttl)
        for layer in layers:
            packet /= layer
        return packet, [inet_pton(socket.AF_INET6, source), inet_pton(socket.AF_INET6, end)]

    def tcp_options(self):
        stamps = ("Timestamp", self.stamps)
        if self.transport == "tcp-timestamps":
            return [("NOP", None), ("NOP", None), stamps]
        if self.transport == "tcp-sack":
            return [("NOP", None), ("NOP", None), stamps, ("NOP", None), ("NOP", None), ("SAck", tuple(self.sack[:2]))]
        if self.transport == "tcp-40-options":
            return [("NOP", None), ("NOP", None), stamps, ("NOP", None), ("NOP", None), ("SAck", tuple(self.sack[:6]))]
        return []

    def l4(self, offset, flags, **fields):
        if self.transport == "udp":
            return UDP(sport=self.ports[0], dport=self.ports[1], **fields)
        return TCP(
            sport=self.ports[0], dport=self.ports[1], seq=(self.seq + offset) % 2**32, ack=self.ack, flags=flags,
            window=self.window, urgptr=self.urgent if "U" in flags else 0, options=self.tcp_options(), **fields,
        )

    def packet(self, segment, transport, payload):
        network, ends = self.ip(segment)
        return self.link(0x0800 if self.network[0] == "4" else 0x86DD) / network / transport / Raw(payload), ends

    def segments(self, payload):
        """The frames on the wire, each built from scratch."""
        pieces = [payload[i : i + self.mss] for i in range(0, len(payload), self.mss)] or [b""]
        frames = []
        for i, piece in enumerate(pieces):
            flags = self.flags
            if i > 0:
                flags = flags.replace("C", "")
            if i < len(pieces) - 1:
                flags = flags.replace("P", "").replace("F", "")
            frames.append(bytes(self.packet(i, self.l4(i * self.mss, flags), piece)[0]))
        return frames

    def zero_checksum(self, payload, segment):
        """The payload changed such that the checksum of a segment, whose length is even, is zero."""
        frame = self.segments(payload)[segment]
        length = min(self.mss, len(payload) - segment * self.mss)
        field = len(frame) - length - (2 if self.transport == "udp" else 4 + len(bytes(self.l4(0, "A"))) - 20)
        at = segment * self.mss
        missing = struct.unpack_from("!H", frame, field)[0]
        word = folded(payload[at : at + 2] + struct.pack("!H", missing))
        changed = payload[:at] + struct.pack("!H", word) + payload[at + 2 :]
        got = struct.unpack_from("!H", self.segments(changed)[segment], field)[0]
        assert got == (0xFFFF if self.transport == "udp" else 0), got
        return changed

    def super_frame(self, payload):
        """What the kernel hands out in their place, and where its transport header is."""
        udp = self.transport == "udp"
        bare = self.l4(0, self.flags, chksum=0)
        length = len(bytes(bare)) + len(payload)
        _, ends = self.ip(0)
        partial = folded(ends[0] + ends[1] + struct.pack("!II", length, 17 if udp else 6))
        packet, _ = self.packet(0, self.l4(0, self.flags, chksum=partial), payload)
        frame = bytes(packet)
        if udp:
            assert struct.unpack_from("!H", frame, len(frame) - length + 4)[0] == length
        return frame, len(frame) - length, len(frame) - len(payload)

    def gso(self, name, payload):
        frame, start, headers = self.super_frame(payload)
        udp = self.transport == "udp"
        gso_type = 5 if udp else 1 if self.network[0] == "4" else 4
        if not udp and "C" in self.flags:
            gso_type |= 0x80
        # The kernel says how much of the frame lies in one piece, which is all headers or more.
        hint = self.rng.choice((headers, min(65535, headers + self.rng.randrange(0, len(payload) + 1))))
        frames = self.segments(payload)
        # Urgent data and CWR keep segments apart, and segments shorter than any that TCP makes are not worth it.
        apart = not udp and ("U" in self.flags or "C" in self.flags or self.mss < 8)
        merges = self.network in ("4", "6") and not apart and len(frames) > 1
        write(
            "%s %s: %d bytes in %d, %s" % (self, name, len(payload), self.mss, "udp" if udp else self.flags),
            merges, (1, gso_type, self.mss, hint, start, 6 if udp else 16), headers, frame, frames,
        )

    def checksum_only(self, payload):
        self.mss = max(1, len(payload))
        frame, start, headers = self.super_frame(payload)
        write(
            "%s checksum of %d bytes" % (self, len(payload)), False,
            (1, 0, 0, 0, start, 6 if self.transport == "udp" else 16), headers, frame, self.segments(payload),
        )

    def __str__(self):
        return "/".join(["%04x" % tag for tag in self.tags] + ["ip" + self.network, self.transport])


def write(name, merges, virtio, headers, super_frame, frames):
    assert len(super_frame) <= 65535 and len(frames) <= 65535
    out = sys.stdout.buffer
    encoded = name.encode()
    out.write(struct.pack("!H", len(encoded)) + encoded + bytes([merges]))
    out.write(struct.pack("!BBHHHHHI", *virtio, headers, len(super_frame)) + super_frame)
    out.write(struct.pack("!H", len(frames)))
    for frame in frames:
        out.write(struct.pack("!I", len(frame)) + frame)


def length_of(rng, size, mss):
    many = rng.randrange(3, 7) * mss
    length = {
        "one less": mss - 1, "one": mss, "one more": mss + 1, "two": 2 * mss, "many": many,
        "many and a part": many + rng.randrange(1, mss) if mss > 1 else many,
    }[size]
    return max(1, length)


def icmp6(rng):
    """A partial checksum that is neither TCP's nor UDP's."""
    case = Case(rng, (0x8100,), "6", "udp")
    _, ends = case.ip(0)
    message = ICMPv6EchoRequest(id=7, seq=9, data=rng.randbytes(33))
    whole = case.link(0x86DD) / case.ip(0)[0] / message
    frame = bytes(whole)
    length = 8 + 33
    partial = bytearray(frame)
    start = len(frame) - length
    struct.pack_into("!H", partial, start + 2, folded(ends[0] + ends[1] + struct.pack("!II", length, 58)))
    write("icmpv6 echo request", False, (1, 0, 0, 0, start, 2), start + 8, bytes(partial), [frame])


def main():
    seed, effort = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    conf.verb = 0
    for round_ in range(effort):
        # Every combination of headers, the rest drawn such that each value comes up often.
        for tags in TAGS:
            for network in NETWORKS:
                for transport in TRANSPORTS:
                    mss, size = rng.choice(MSS), rng.choice(SIZES)
                    case = Case(rng, tags, network, transport, rng.choice(FLAGS), mss)
                    case.gso(size, rng.randbytes(length_of(rng, size, mss)))
                    length = rng.choice((0, 1, 2, 63, 1000))
                    Case(rng, tags, network, transport).checksum_only(rng.randbytes(length))
        # Every combination of flags, sizes and segment sizes, with and without options.
        for mss in MSS:
            for size in SIZES:
                for flags in FLAGS:
                    case = Case(rng, rng.choice(TAGS), rng.choice("46"), rng.choice(TRANSPORTS[:4]), flags, mss)
                    case.gso(size, rng.randbytes(length_of(rng, size, mss)))
                for network in "46":
                    case = Case(rng, rng.choice(TAGS), network, "udp", "A", mss)
                    case.gso(size, rng.randbytes(length_of(rng, size, mss)))
        # As long as can be, where the last segment is full and where it is one byte.
        for transport in TRANSPORTS:
            for network in ("4", "6"):
                for mss in (536, 1448, 8948):
                    case = Case(rng, rng.choice(TAGS[:3]), network, transport, "PA", mss)
                    room = 65535 - 18 - (40 if network == "6" else 20) - len(bytes(case.l4(0, "A")))
                    case.gso("longest", rng.randbytes(room))
                    case.gso("longest full", rng.randbytes(room - room % mss))
        # Sums that come to zero, which UDP may not send.
        for transport in ("tcp", "tcp-timestamps", "udp"):
            for network in ("4", "6"):
                for segment in (0, 1, 3):
                    case = Case(rng, (), network, transport, "PA", 88)
                    case.gso("zero sum", case.zero_checksum(rng.randbytes(3 * 88 + 30), segment))
                # A checksum that is only to be completed: 0 and 0xffff mean the same in TCP, so only UDP's is told.
                case = Case(rng, (), network, "udp", "A", 88)
                case.checksum_only(case.zero_checksum(rng.randbytes(88), 0))
        icmp6(rng)


main()
