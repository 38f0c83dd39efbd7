package io.weft.port;

/**
 * Why a frame was not forwarded or not sent. This list is the manual: every drop in the switch is one of these, counted
 * for the port named by {@link #stage()}.
 */
public enum DropReason {
    // ---- on the way in, counted for the port that received the frame ----

    /** Shorter than an Ethernet header, or than the tag its type field announces. */
    RUNT(Stage.INGRESS, "shorter than its Ethernet or VLAN header"),
    /** VID 4095 in the outer tag. */
    INVALID_VLAN(Stage.INGRESS, "reserved VLAN id 4095"),
    /** A tagged frame on an access port, or a VLAN that the trunk, or a customer VLAN that the tunnel, does not carry. */
    VLAN_NOT_ALLOWED(Stage.INGRESS, "VLAN not allowed on the ingress port"),
    /** Came through a tunnel from a remote end that is not configured, and none may be learned. */
    UNKNOWN_REMOTE(Stage.INGRESS, "from a remote end that is not configured"),
    /** A VLAN tag inside a tunnel that is not to carry any. */
    INNER_TAG(Stage.INGRESS, "tagged frame from a tunnel that carries no tags"),
    /** The tunnel's way was congested and the packet inside cannot carry the mark (RFC 6040, 4.2). */
    ECN_NOT_CAPABLE(Stage.INGRESS, "congestion marked outside of a packet that cannot carry the mark"),
    /** The tunnel's own checksum does not match (GRE: RFC 2784, 2.5), or is missing where it is required. */
    TUNNEL_CHECKSUM(Stage.INGRESS, "checksum of the tunnel's header wrong or missing"),
    /** Came through a tunnel that keeps order after a later one, or twice (GRE: RFC 2890, 2.2). */
    TUNNEL_SEQUENCE(Stage.INGRESS, "late or repeated by its sequence number in the tunnel"),
    /** Longer than the receiving port or any frame may be. */
    RX_TOO_LONG(Stage.INGRESS, "received frame longer than the port's limit"),
    /** The peer sent something that is not a frame in the port's protocol. */
    MALFORMED(Stage.INGRESS, "not a well-formed frame of the port's protocol"),
    /** Destination 01-80-C2-00-00-00…0F (802.1Q 8.6.3). */
    RESERVED_MULTICAST(Stage.INGRESS, "destination in 01-80-C2-00-00-00..0F, which bridges keep to themselves"),
    /** The destination is known to be behind the port the frame came from. */
    SAME_PORT(Stage.INGRESS, "destination is behind the ingress port"),
    /** The only egress ports are in a split-horizon group that the frame may not enter: the ingress port's, or one it names. */
    SPLIT_HORIZON(Stage.INGRESS, "destination is in the split-horizon group of the ingress port, or of the frame"),
    /** The port the destination is behind does not carry the frame's VLAN. */
    VLAN_NOT_CARRIED(Stage.INGRESS, "destination port does not carry the VLAN"),
    /** The ingress port and the only egress ports are isolated. */
    ISOLATED(Stage.INGRESS, "destination port is isolated, as is the ingress port"),
    /** Frames of this class are flooded to no port that is left. */
    FLOODING_OFF(Stage.INGRESS, "flooding of its class is off at all ports it could leave by"),
    /** More than the ingress policer lets pass. */
    RX_POLICED(Stage.INGRESS, "above the ingress policing rate"),
    /** More broadcasts than storm control lets pass. */
    BROADCAST_STORM(Stage.INGRESS, "above the storm control rate for broadcast"),
    /** More multicasts than storm control lets pass. */
    MULTICAST_STORM(Stage.INGRESS, "above the storm control rate for multicast"),
    /** More frames to unknown stations than storm control lets pass. */
    UNKNOWN_UNICAST_STORM(Stage.INGRESS, "above the storm control rate for unknown unicast"),
    /** The port's security accepts no further station, or this one belongs to another port. */
    SECURITY_VIOLATION(Stage.INGRESS, "source address not accepted by port security"),
    /** The source moved between ports too often and is held at another one for a while. */
    MAC_FLAPPING(Stage.INGRESS, "source address held at another port after too many moves"),
    /** One of the switch's own loop probes, which has come back. */
    LOOP_PROBE(Stage.INGRESS, "loop probe of this switch"),
    /** A mirror's output port takes no part in forwarding. */
    MIRROR_OUTPUT(Stage.INGRESS, "received by a mirror's output port"),
    /** Layer-3 adapter: no station has answered for the packet's destination address. */
    NO_NEIGHBOUR(Stage.INGRESS, "no station answers for the destination address"),
    /** No other port could take the frame. */
    NO_EGRESS(Stage.INGRESS, "no other port to send to"),
    /** No frame memory to receive or copy into. */
    POOL_EMPTY(Stage.INGRESS, "frame pool empty"),
    /** The worker did not keep up with the thread that receives. */
    RX_QUEUE_FULL(Stage.INGRESS, "receive queue full"),
    /** The port was taken down or removed while the frame was on its way in. */
    RX_PORT_DOWN(Stage.INGRESS, "ingress port down or removed"),
    /** Lost on purpose on the way in, by the impairment set for the port. */
    RX_IMPAIRMENT(Stage.INGRESS, "lost on purpose on the way in"),

    // ---- on the way out, counted for the port that was to send the frame ----

    /** Longer than the sending port's limit. */
    TOO_LONG(Stage.EGRESS, "frame longer than the port's limit"),
    /** The port's transmit queue, or the ring to its worker, has no room. */
    TX_QUEUE_FULL(Stage.EGRESS, "transmit queue full"),
    /** The operating system or the transport refused the frame. */
    TX_ERROR(Stage.EGRESS, "transport refused the frame"),
    /** The port is down, not connected, or was removed with the frame still queued. */
    PORT_DOWN(Stage.EGRESS, "port down or removed"),
    /** More than the egress policer lets pass. */
    TX_POLICED(Stage.EGRESS, "above the egress policing rate"),
    /** No frame memory to make the copy that this port was to send. */
    COPY_POOL_EMPTY(Stage.EGRESS, "frame pool empty when copying for this port"),
    /** A tunnel has no remote end for the frame. */
    NO_REMOTE(Stage.EGRESS, "no remote end to send to"),
    /** The remote end does not answer, or there is no way to it. */
    REMOTE_DOWN(Stage.EGRESS, "remote end down or not reached"),
    /** The frame's VLAN is mapped to no network identifier of the tunnel, or it has a tag and the tunnel carries none. */
    NO_VNI(Stage.EGRESS, "VLAN has no network identifier in the tunnel"),
    /** A layer-3 port carries IPv4 and IPv6 packets without VLAN tags. */
    NOT_IP(Stage.EGRESS, "not an untagged IPv4 or IPv6 packet, for a layer-3 port"),
    /** A layer-3 adapter takes what is sent to its own MAC address. */
    OTHER_STATION(Stage.EGRESS, "addressed to another station than the layer-3 adapter"),
    /** The tunnel's own packet has come back to be sent through the tunnel again: the underlay leads into the overlay. */
    RECURSION(Stage.EGRESS, "a packet of the tunnel itself: the way to its remote end leads into the tunnel"),
    /** Lost on purpose on the way out, by the impairment set for the port. */
    IMPAIRMENT(Stage.EGRESS, "lost on purpose on the way out");

    /** Which of a frame's two ports a drop is counted for. */
    public enum Stage {
        /** The port that received it. */
        INGRESS,
        /** The port that was to send it. */
        EGRESS
    }

    private final Stage stage;
    private final String label;

    DropReason(Stage stage, String label) {
        this.stage = stage;
        this.label = label;
    }

    /** Which port it is counted for. */
    public Stage stage() {
        return stage;
    }

    /** The reason for people, in lower case. */
    public String label() {
        return label;
    }
}
