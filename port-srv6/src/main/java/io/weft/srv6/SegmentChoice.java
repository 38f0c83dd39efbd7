package io.weft.srv6;

/**
 * Through which segments a packet goes: always the same list, or one of several for each flow.
 *
 * <p>Threads: any; allocates nothing.
 */
public interface SegmentChoice {
    /**
     * The list for a flow, {@code null} when there is none to be had now.
     *
     * @param flow the flow's number, see {@link io.weft.offload.FlowHash}: all 32 bits
     */
    SegmentList choose(int flow);
}
