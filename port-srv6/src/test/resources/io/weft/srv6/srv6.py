"""IPv6 packets with segment lists that scapy builds.

    srv6.py SEED EFFORT

prints a line for each: encapsulation, next header, source, segments in the order of travel, traffic class, flow label, hop limit,
key id (0: no HMAC), digest, secret, what is inside and the whole packet, the last three in hexadecimal. EFFORT is how many there are
of each kind.
"""
import hashlib
import hmac
import ipaddress
import random
import struct
import sys

from scapy.all import IP, UDP, Ether, IPv6, Raw
from scapy.layers.inet6 import IPv6ExtHdrSegmentRouting

rng = random.Random(int(sys.argv[1]))


def sid():
    return str(ipaddress.IPv6Address(0xFC << 120 | rng.getrandbits(rng.choice((64, 96, 120)))))


def inner(kind):
    payload = UDP(sport=50000, dport=50001) / Raw(rng.randbytes(rng.randrange(0, 120)))
    if kind == 4:
        return IP(src="10.0.0.1", dst="10.0.0.2") / payload
    if kind == 41:
        return IPv6(src="fd00::1", dst="fd00::2") / payload
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.0.0.1", dst="10.0.0.2") / payload


def digest(algorithm, secret, source, header, key_id, segments):
    text = ipaddress.IPv6Address(source).packed + header + struct.pack("!I", key_id)
    for segment in segments:
        text += ipaddress.IPv6Address(segment).packed
    return hmac.new(secret, text, getattr(hashlib, algorithm)).digest().ljust(32, b"\0")


for name, kinds in (("ENCAPS", (4, 41)), ("ENCAPS_RED", (4, 41)), ("L2ENCAPS", (143,)), ("L2ENCAPS_RED", (143,))):
    for kind in kinds:
        for count in list(range(1, 17)):
            for signed in (False, True):
                for _ in range(int(sys.argv[2])):
                    source = sid()
                    segments = [sid() for _ in range(count)]
                    key_id = rng.choice((1, 0xFFFFFFFF, rng.randrange(1, 1 << 32))) if signed else 0
                    algorithm = rng.choice(("sha1", "sha256"))
                    secret = rng.randbytes(rng.randrange(1, 65))
                    leave_out = name.endswith("_RED") and (count > 1 or not signed)
                    listed = segments[1:] if leave_out else segments
                    fields = {"tc": rng.getrandbits(8), "fl": rng.getrandbits(20), "hlim": rng.randrange(1, 256)}
                    packet = IPv6(src=source, dst=segments[0], nh=43 if listed else kind, **fields)
                    if listed:
                        reverse = listed[::-1]
                        tlvs = []
                        if signed:
                            made = digest(algorithm, secret, source, bytes((len(listed) - 1, 0)), key_id, reverse)
                            tlvs = [Raw(struct.pack("!BBHI", 5, 38, leave_out << 15, key_id) + made)]
                        packet /= IPv6ExtHdrSegmentRouting(
                            nh=kind, segleft=count - 1, addresses=reverse, tlv_objects=tlvs
                        )
                    inside = bytes(inner(kind))
                    print(
                        name, kind, source, ",".join(segments), fields["tc"], fields["fl"], fields["hlim"],
                        key_id, algorithm.upper(), secret.hex(), inside.hex(), bytes(packet / Raw(inside)).hex(),
                    )
