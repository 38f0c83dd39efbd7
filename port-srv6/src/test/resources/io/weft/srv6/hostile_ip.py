"""Packets of segment routing with IP inside that an endpoint must not trust, built by scapy and put on the wire as they are.

    hostile_ip.py SEED INTERFACE

sends them from the interface, good ones in between, and prints for each what it is and the frame that must come of it, in hexadecimal:
"LABEL FRAME". The endpoint is at fd00::1, its remote end at fd00::2; its SIDs are fc00:1:0:46:: (End.DT46), fc00:1:0:d4:: (End.DX4),
fc00:1:0:d6:: (End.DX6), fc00:1:0:e:: (End with PSP and USD) and, where signatures are required, fc00:1:0:82:: (End.DT46; key 7).
"""
import logging
import random
import socket
import struct
import sys

from scapy.all import Ether, IP, IPv6, Raw, TCP, UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment

logging.getLogger("scapy").setLevel(logging.ERROR)
SITE_MAC, WORLD_MAC = "02:00:00:00:01:01", "02:00:00:00:01:02"
BOTH, FOUR, SIX, END, SIGNED = "fc00:1:0:46::", "fc00:1:0:d4::", "fc00:1:0:d6::", "fc00:1:0:e::", "fc00:1:0:82::"
SEED, INTERFACE = int(sys.argv[1]), sys.argv[2]
random.seed(SEED)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((INTERFACE, 0))
sent = 0


def octets(count):
    return random.randbytes(count)


def four(length=60, **fields):
    return bytes(IP(**{"src": "10.9.0.2", "dst": "10.9.0.1", **fields}) / UDP(sport=7, dport=9) / octets(length))


def six(length=60, **fields):
    return bytes(IPv6(**{"src": "fd09::2", "dst": "fd09::1", **fields}) / TCP(sport=7, dport=9) / octets(length))


def number(ip):
    """What an IP packet is as a next header."""
    return 4 if ip[0] >> 4 == 4 else 41


def frame(ip):
    """What a layer-3 port makes of a packet."""
    return bytes(12) + (b"\x08\x00" if ip[0] >> 4 == 4 else b"\x86\xdd") + ip


def hopped(ip):
    """The same behind a router, which mends no checksum that was wrong (RFC 1624, eqn. 3)."""
    if ip[0] >> 4 == 6:
        return frame(ip[:7] + bytes([ip[7] - 1]) + ip[8:])
    total = (struct.unpack("!H", ip[10:12])[0] ^ 0xFFFF) + 0xFFFF - 0x100
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return frame(ip[:8] + bytes([ip[8] - 1, ip[9]]) + struct.pack("!H", total ^ 0xFFFF) + ip[12:])


def packet(payload, nh, to=BOTH, source="fd00::2", **fields):
    return bytes(IPv6(src=source, dst=to, nh=nh, **fields) / Raw(payload))


def srh(payload, nh, segments=(BOTH,), left=0, last=None, length=None, kind=4, tlvs=b""):
    """By hand, since scapy would put right what is to be wrong; the segments in the order of the header."""
    body = b"".join(socket.inet_pton(socket.AF_INET6, each) for each in segments) + tlvs
    return struct.pack("!BBBBBBH", nh, len(body) // 8 if length is None else length, kind, left,
                       (len(segments) - 1 if last is None else last) & 255, 0, 0) + body + payload


def send(label, ip, out=b""):
    global sent
    wire.send(bytes(Ether(src=WORLD_MAC, dst=SITE_MAC, type=0x86DD)) + ip)
    print(label, out.hex())
    sent += 1
    if sent % 7 == 0 and label != "good":
        good = random.choice((four, six))(random.choice((0, 60, 300, 1000)))
        send("good", packet(srh(good, number(good)), 43), hopped(good))


def inside(label, ip, nh=None, to=BOTH, out=b""):
    """With an SRH and without."""
    nh = number(ip) if nh is None else nh
    send(label, packet(srh(ip, nh, segments=(to,)), 43, to=to), out)
    send(label, packet(ip, nh, to=to), out)


def honest():
    """All that may be inside, and is no business of a router's."""
    for ip in (four(), six(), four(0), six(0), four(1200), six(1200), four(ttl=2), six(hlim=2), four(ttl=255), six(hlim=255),
               four(src="0.0.0.0"), four(dst="255.255.255.255"), four(src="239.1.2.3", dst="239.1.2.3"), four(dst="127.0.0.1"),
               six(dst="::ffff:10.9.0.1"), six(src="::", dst="ff02::1"), six(src="ff02::1", dst="::1"),
               six(dst="fc00:1:0:46::"), six(src="fd00::1"),
               four(flags="MF", frag=0), four(frag=100), four(chksum=0x1234), four(chksum=0), four(chksum=0xFFFF),
               four(options=[b"\x01"] * 40),
               bytes(IPv6(src="fd09::2", dst="fd09::1") / IPv6ExtHdrFragment(nh=17, m=1, offset=9) / octets(64)),
               bytes(IPv6(src="fd09::2", dst="fd09::1", nh=59)), bytes(IPv6(src="fd09::2", dst="fd09::1") / IPv6ExtHdrDestOpt())):
        inside("good", ip, out=hopped(ip))
    for ttl in (0, 1, 64):  # of a cross-connect it is no business, either
        ip = four(ttl=ttl)
        inside("good", ip, to=FOUR, out=frame(ip))
        ip = six(hlim=ttl)
        inside("good", ip, to=SIX, out=frame(ip))
    for ip in (four(), six()):
        for padding in (1, 7, 100):  # behind the packet inside, and behind all
            inside("good", ip + octets(padding), out=hopped(ip))
            send("good", packet(srh(ip, number(ip)), 43) + octets(padding), hopped(ip))
    # An IPv6 packet that says 0 ends there, for who does not know jumbograms (RFC 2675).
    ip = six()
    jumbo = ip[:4] + b"\0\0\0" + ip[7:40] + b"\x3b\x00\xc2\x04" + struct.pack("!I", 70_000) + octets(60)
    inside("good", jumbo, out=hopped(jumbo[:40]))
    inside("good", ip[:4] + b"\0\0" + ip[6:], out=hopped(ip[:4] + b"\0\0" + ip[6:40]))


def lengths():
    """Of the packets inside."""
    for to in (BOTH, FOUR):
        ip = four()
        for end in range(20):
            inside("cut", ip[:end], nh=4, to=to)
        for end in range(20, len(ip)):
            inside("inner-length", ip[:end], to=to)
        for version in (0, 5, 6, 7, 15):
            inside("version", bytes([version << 4 | 5]) + ip[1:], nh=4, to=to)
        for words in range(5):
            inside("inner-length", bytes([4 << 4 | words]) + ip[1:], to=to)
        short = bytes(IP(src="10.9.0.2", dst="10.9.0.1", proto=59) / octets(4))
        for words in (7, 8, 15):
            inside("inner-length", bytes([4 << 4 | words]) + short[1:], to=to)
        for length in (0, 1, 19, len(ip) + 1, 0x7FFF, 0xFFFF):
            inside("inner-length", ip[:2] + struct.pack("!H", length) + ip[4:], to=to)
    for to in (BOTH, SIX):
        ip = six()
        for end in range(40):
            inside("cut", ip[:end], nh=41, to=to)
        for end in range(40, len(ip)):
            inside("inner-length", ip[:end], to=to)
        for version in (0, 4, 5, 7, 15):
            inside("version", bytes([version << 4]) + ip[1:], nh=41, to=to)
        for length in (len(ip) - 39, 0x7FFF, 0xFFFF):
            inside("inner-length", ip[:4] + struct.pack("!H", length) + ip[6:], to=to)
    for ttl in (0, 1):
        inside("hop-limit", four(ttl=ttl))
        inside("hop-limit", six(hlim=ttl))
    for ip in (four(), six()):
        send("marked", packet(srh(ip, number(ip)), 43, tc=3))


def headers():
    """Lies of the segment routing header, as in front of Ethernet."""
    for make in (four, six):
        ip = make()
        nh = number(ip)
        whole = packet(srh(ip, nh, segments=(BOTH, "fc00:9::1"), tlvs=b"\x04\x06" + bytes(6)), 43)
        for end in range(40, len(whole)):
            send("outer-length", whole[:end])
        for end in range(40, 88 + (20 if nh == 4 else 40)):
            send("cut", whole[:4] + struct.pack("!H", end - 40) + whole[6:end])
        for length in (len(whole) - 39, 0x7FFF, 0xFFFF):
            send("outer-length", whole[:4] + struct.pack("!H", length) + whole[6:])
        send("cut", whole[:4] + b"\0\0" + whole[6:])
        send("cut", packet(b"\x2b\x00\xc2\x04" + struct.pack("!I", 70_000) + srh(ip, nh), 0, plen=0))
        for version in (0, 4, 5, 7, 15):
            send("version", bytes([version << 4]) + whole[1:])
        for last in (1, 2, 127, 254, 255):
            send("last-entry", packet(srh(ip[:40], nh, last=last, left=random.choice((0, last))), 43))
        for left in (3, 128, 255):
            for to in (BOTH, END):
                send("segments-left", packet(srh(ip, nh, segments=(to, "fc00:9::1"), left=left), 43, to=to))
        for to in (BOTH, FOUR, SIX):
            for left in (1, 2):
                send("more-segments", packet(srh(ip, nh, segments=("fd00::3", to), left=left), 43, to=to))
        for length in (60, 255):
            send("cut", packet(srh(ip, nh, length=length), 43))
        for length in (0, 1):
            send("last-entry", packet(srh(ip, nh, length=length), 43))
        for kind in (0, 1, 2, 3, 5, 253, 255):
            send("routing-type", packet(srh(ip, nh, left=1, kind=kind), 43))
        for tlvs in (b"\x04\x07" + bytes(6), b"\x05\xff" + bytes(6), bytes(7) + b"\x04", b"\x04\x05" + bytes(5) + b"\x01"):
            send("tlv", packet(srh(ip, nh, tlvs=tlvs), 43))
        for second in (4, 0, 3):
            for left in (0, 1):
                send("second", packet(srh(srh(ip, nh, left=left, kind=second), 43), 43))
        chain = ip
        for count in range(12):
            chain = bytes([nh if count == 0 else 60, 0, 1, 4, 0, 0, 0, 0]) + chain
        send("many-headers", packet(chain, 60))
        for more, offset in ((1, 0), (0, 100), (0, 0)):
            fragment = bytes(IPv6ExtHdrFragment(nh=nh, m=more, offset=offset)) + ip
            for to in (BOTH, FOUR, SIX, END):
                send("fragment" if to != END else "end-fragment", packet(fragment, 44, to=to))
                send("fragment" if to != END else "end-fragment", packet(srh(fragment, 44, segments=(to,)), 43, to=to))


def places():
    for nh in (0, 1, 6, 17, 47, 50, 58, 59, 132, 143, 255):
        for to in (BOTH, FOUR, SIX):
            send("upper-layer" if nh else "cut", packet(b"\xff\xff" + octets(60) if nh == 0 else octets(60), nh, to=to))
    for ip, to in ((six(), FOUR), (four(), SIX)):
        inside("upper-layer", ip, to=to)
    for source in ("fd00::4", "fd00::1", BOTH, END, "::", "::1", "ff02::1", "fe80::1", "2001:db8::1", "::ffff:10.9.0.2"):
        for ip in (four(), six()):
            send("outside", packet(srh(ip, number(ip)), 43, source=source))
            send("outside", packet(ip, number(ip), source=source))
            # and behind a header of somebody who is trusted
            nested = packet(srh(ip, number(ip)), 43, source=source)
            send("outside", packet(srh(nested, 41, segments=(END,)), 43, to=END))
            send("outside", packet(srh(ip, number(ip), segments=(BOTH, END), left=1), 43, to=END, source=source))
    for ip in (four(), six()):
        for count in (1, 2, 20):
            segments = (BOTH,) + (END,) * count
            send("good", packet(srh(ip, number(ip), segments=segments, left=count), 43, to=END), hopped(ip))
        nested = packet(srh(ip, number(ip)), 43)
        for depth in range(10):
            nested = packet(srh(nested, 41, segments=(END,)), 43, to=END)
            send("good", nested, hopped(ip))
        for hops in (0, 1):
            send("hop-limit", packet(srh(ip, number(ip), segments=(BOTH, END), left=1), 43, to=END, hlim=hops))
        for segment in ("::", "::1", "ff02::1", "fe80::1", "::ffff:10.0.0.1"):
            send("segment", packet(srh(ip, number(ip), segments=(segment, END), left=1), 43, to=END))
    send("no-route", packet(four(), 4, to=END))  # laid bare, and the underlay is IPv6


def signatures():
    for ip in (four(), six()):
        for key in (None, 0, 1, 8, 0xFFFFFFFF, 7, 7):
            tlvs = b"" if key is None else b"\x05\x26\0\0" + struct.pack("!I", key) + octets(32)
            label = "hmac-missing" if key is None else "hmac-wrong" if key == 7 else "hmac-key"
            send(label, packet(srh(ip, number(ip), segments=(SIGNED,), tlvs=tlvs), 43, to=SIGNED))
        send("hmac-missing", packet(ip, number(ip), to=SIGNED))


for step in [honest, lengths, headers, places, signatures, honest]:
    step()
