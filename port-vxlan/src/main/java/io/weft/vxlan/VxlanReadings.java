package io.weft.vxlan;

import io.weft.port.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** A port's figures beyond those that every port has. Threads: stateless. */
final class VxlanReadings {
    /** Remote ends that are listed one by one; a mesh of thousands would drown everything else. */
    private static final int MOST_LISTED = 1_000;

    private VxlanReadings() {}

    static List<Reading> of(String port, RemoteEnds ends, long answered, long clamped) {
        List<Reading> readings = new ArrayList<>();
        List<VxlanRemote> remotes = ends.table().all();
        Map<String, String> labels = Map.of("port", port);
        readings.add(new Reading("vxlan_remotes", false, "Remote ends.", labels, remotes.size()));
        readings.add(new Reading(
                "vxlan_flooded_remotes",
                false,
                "Remote ends that flooded frames are sent to.",
                labels,
                ends.floodList().length));
        readings.add(new Reading(
                "vxlan_effective_mtu_bytes",
                false,
                "Longest IP packet that fits through the tunnel to every remote end.",
                labels,
                ends.innerMtu()));
        readings.add(new Reading(
                "vxlan_too_big_answers",
                true,
                "ICMP answers to senders of packets that were too long.",
                labels,
                answered));
        readings.add(new Reading(
                "vxlan_clamped_mss", true, "TCP connections whose maximum segment size was lowered.", labels, clamped));
        List<VxlanRemote> listed = remotes.size() > MOST_LISTED ? remotes.subList(0, MOST_LISTED) : remotes;
        for (VxlanRemote remote : listed) {
            add(readings, port, remote);
        }
        return readings;
    }

    private static void add(List<Reading> readings, String port, VxlanRemote remote) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("port", port);
        labels.put("remote", remote.peer().toString());
        labels.put("endpoint", Integer.toString(remote.endpoint()));
        readings.add(new Reading(
                "vxlan_remote_up",
                false,
                "Whether frames reach the remote end, as far as is known.",
                labels,
                remote.state() == VxlanRemote.State.UP ? 1 : 0));
        counter(readings, labels, "receive_frames", "Frames from the remote end.", remote, VxlanRemote::rxFrames);
        counter(readings, labels, "receive_bytes", "Bytes of frames from it.", remote, VxlanRemote::rxBytes);
        counter(readings, labels, "transmit_frames", "Frames sent to it.", remote, VxlanRemote::txFrames);
        counter(readings, labels, "transmit_bytes", "Bytes of frames sent to it.", remote, VxlanRemote::txBytes);
        counter(
                readings,
                labels,
                "refused_frames",
                "Frames that it could not be sent.",
                remote,
                VxlanRemote::txDropped);
        counter(
                readings,
                labels,
                "unreachable",
                "Datagrams that ICMP says did not reach it.",
                remote,
                VxlanRemote::errors);
        counter(readings, labels, "too_big", "Datagrams too long for the way to it.", remote, VxlanRemote::tooBig);
    }

    private static void counter(
            List<Reading> readings,
            Map<String, String> labels,
            String name,
            String help,
            VxlanRemote remote,
            ToLongFunction<VxlanRemote> value) {
        readings.add(new Reading("vxlan_remote_" + name, true, help, labels, value.applyAsLong(remote)));
    }
}
