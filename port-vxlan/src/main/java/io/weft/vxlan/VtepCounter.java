package io.weft.vxlan;

/** Why a datagram at a listening port became no frame of any port: what no port can be blamed for. */
public enum VtepCounter {
    /** Shorter than a VXLAN header. */
    TOO_SHORT,
    /** Longer than any frame, so that the kernel cut it. */
    TOO_LONG,
    /** A burst whose first frame claims to reach to its end: whether it is one frame or several is not to be told safely. */
    AMBIGUOUS,
    /** The flag that says that there is a VNI is not set (RFC 7348, 5). */
    NO_VNI,
    /** Group Based Policy: a policy in the reserved bits. */
    GROUP_BASED_POLICY,
    /** The Generic Protocol Extension: another protocol than Ethernet may follow. */
    PROTOCOL_EXTENSION,
    /** No port takes the VNI. */
    UNKNOWN_VNI,
    /** Comes from this VTEP's own address, to a port that learns remote ends: for others it is no remote end as others are. */
    OWN_ADDRESS,
    /** The kernel dropped them: it had no room, or, which it does not tell apart, their UDP checksum was wrong. */
    QUEUE_FULL
}
