package io.weft.tunnel;

import io.weft.port.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** A port's figures beyond those that every port has. Threads: stateless. */
final class TunnelReadings {
    /** Remote ends that are listed one by one; a mesh of thousands would drown everything else. */
    private static final int MOST_LISTED = 1_000;

    private TunnelReadings() {}

    static List<Reading> of(String scheme, String port, RemoteEnds ends, long answered, long clamped) {
        List<Reading> readings = new ArrayList<>();
        List<RemoteEnd> remotes = ends.table().all();
        Map<String, String> labels = Map.of("port", port);
        readings.add(new Reading(scheme + "_remotes", false, "Remote ends.", labels, remotes.size()));
        readings.add(new Reading(
                scheme + "_flooded_remotes",
                false,
                "Remote ends that flooded frames are sent to.",
                labels,
                ends.floodList().size()));
        readings.add(new Reading(
                scheme + "_effective_mtu_bytes",
                false,
                "Longest IP packet that fits through the tunnel to every remote end.",
                labels,
                ends.innerMtu()));
        readings.add(new Reading(
                scheme + "_too_big_answers",
                true,
                "ICMP answers to senders of packets that were too long.",
                labels,
                answered));
        readings.add(new Reading(
                scheme + "_clamped_mss",
                true,
                "TCP connections whose maximum segment size was lowered.",
                labels,
                clamped));
        List<RemoteEnd> listed = remotes.size() > MOST_LISTED ? remotes.subList(0, MOST_LISTED) : remotes;
        for (RemoteEnd remote : listed) {
            add(readings, scheme, port, remote);
        }
        return readings;
    }

    private static void add(List<Reading> readings, String scheme, String port, RemoteEnd remote) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("port", port);
        labels.put("remote", remote.peer().toString());
        labels.put("endpoint", Integer.toString(remote.endpoint()));
        readings.add(new Reading(
                scheme + "_remote_up",
                false,
                "Whether frames reach the remote end, as far as is known.",
                labels,
                remote.state() == RemoteEnd.State.UP ? 1 : 0));
        counter(
                readings,
                labels,
                scheme + "_remote_receive_frames",
                "Frames from the remote end.",
                remote,
                RemoteEnd::rxFrames);
        counter(
                readings,
                labels,
                scheme + "_remote_receive_bytes",
                "Bytes of frames from it.",
                remote,
                RemoteEnd::rxBytes);
        counter(
                readings,
                labels,
                scheme + "_remote_transmit_frames",
                "Frames sent to it.",
                remote,
                RemoteEnd::txFrames);
        counter(
                readings,
                labels,
                scheme + "_remote_transmit_bytes",
                "Bytes of frames sent to it.",
                remote,
                RemoteEnd::txBytes);
        counter(
                readings,
                labels,
                scheme + "_remote_refused_frames",
                "Frames that it could not be sent.",
                remote,
                RemoteEnd::txDropped);
        counter(
                readings,
                labels,
                scheme + "_remote_unreachable",
                "Datagrams that ICMP says did not reach it.",
                remote,
                RemoteEnd::errors);
        counter(
                readings,
                labels,
                scheme + "_remote_too_big",
                "Datagrams too long for the way to it.",
                remote,
                RemoteEnd::tooBig);
    }

    private static void counter(
            List<Reading> readings,
            Map<String, String> labels,
            String name,
            String help,
            RemoteEnd remote,
            ToLongFunction<RemoteEnd> value) {
        readings.add(new Reading(name, true, help, labels, value.applyAsLong(remote)));
    }
}
