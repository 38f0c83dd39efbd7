"""GRE packets that scapy builds.

    gre.py SEED EFFORT

prints a line for each: flags (32768 for a checksum, or 0), protocol type, key, sequence number (-1 for none), what is
inside and the GRE packet, the last two in hexadecimal. EFFORT is how many there are of each kind.
"""
import random
import sys

from scapy.all import GRE, IP, UDP, Ether, IPv6, Raw

rng = random.Random(int(sys.argv[1]))


def inner(kind):
    payload = UDP(sport=50000, dport=50001) / Raw(rng.randbytes(rng.randrange(0, 120)))
    if kind == 0x0800:
        return IP(src="10.0.0.1", dst="10.0.0.2") / payload
    if kind == 0x86DD:
        return IPv6(src="fd00::1", dst="fd00::2") / payload
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.0.0.1", dst="10.0.0.2") / payload


for checksum in (0, 1):
    for keyed in (0, 1):
        for numbered in (0, 1):
            for kind in (0x0800, 0x86DD, 0x6558):
                for _ in range(int(sys.argv[2])):
                    fields = {"proto": kind, "chksum_present": checksum}
                    key = sequence = -1
                    if keyed:
                        key = rng.choice((0, 1, 0xFFFFFFFF, rng.getrandbits(32)))
                        fields.update(key_present=1, key=key)
                    if numbered:
                        sequence = rng.choice((0, 1, 0xFFFFFFFF, rng.getrandbits(32)))
                        fields.update(seqnum_present=1, seqence_number=sequence)
                    inside = bytes(inner(kind))
                    packet = bytes(GRE(**fields) / Raw(inside))
                    print(checksum << 15, kind, key, sequence, inside.hex(), packet.hex())
