"""ERSPAN packets that scapy builds.

    erspan.py SEED EFFORT

prints a line for each: session id, index (type II) or hardware id (type III), whether it was mirrored on its way out and
whether it was cut, the granularity of the timestamp (-1 for type II), the time in nanoseconds, the sequence number, the
mirrored frame and the GRE packet, the last two in hexadecimal. EFFORT is how many there are of each granularity.
"""
import random
import sys

from scapy.all import GRE, IP, UDP, Dot1Q, Ether, Raw
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific

rng = random.Random(int(sys.argv[1]))

for granularity in (-1, 0, 1, 2):
    for _ in range(int(sys.argv[2])):
        vlan = cos = 0
        mirrored = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
        tagged = rng.randrange(2)
        if tagged:
            vlan, cos = rng.randrange(4096), rng.randrange(8)
            mirrored /= Dot1Q(vlan=vlan, prio=cos, id=rng.randrange(2))
        mirrored /= IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=50000, dport=50001) / Raw(rng.randbytes(90))
        mirrored = bytes(mirrored)
        cut = rng.randrange(2)
        if cut:
            mirrored = mirrored[: rng.randrange(70, len(mirrored))]
        session = rng.randrange(1024)
        egress = rng.randrange(2)
        sequence = rng.getrandbits(32)
        time = rng.randrange(1 << 60)
        if granularity < 0:
            number = rng.randrange(1 << 20)
            en = 3 if tagged else 0
            header = ERSPAN_II(ver=1, vlan=vlan, cos=cos, en=en, t=cut, session_id=session, index=number)
            proto = 0x88BE
        else:
            number = rng.randrange(64)
            stamp = (time // 100000 % (1 << 32), time // 100 % (1 << 32), time % 10**9)[granularity]
            header = ERSPAN_III(
                vlan=vlan, cos=cos, t=cut, session_id=session, timestamp=stamp, p=1, ft=0, hw=number, d=egress,
                gra=granularity, o=int(granularity == 2),
            )
            if granularity == 2:
                header /= ERSPAN_PlatformSpecific(platf_id=5, info2=time // 10**9)
            proto = 0x22EB
        packet = GRE(proto=proto, seqnum_present=1, seqence_number=sequence) / header / Raw(mirrored)
        print(session, number, egress, cut, granularity, time, sequence, mirrored.hex(), bytes(packet).hex())
