package io.weft.tunnel;

import io.weft.frame.Frame;
import io.weft.port.PortContext;
import io.weft.port.PortHandle;
import io.weft.underlay.UnderlaySocket;

/** A tunnel without a header, which never sends: for what its remote ends are. */
final class BareTunnel extends TunnelPort {
    int changes; // of remote ends

    BareTunnel(TunnelSettings settings) {
        super(settings, 0, true);
    }

    @Override
    protected UnderlaySocket connect(PortContext newContext) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected void bind(PortHandle newHandle) {}

    @Override
    protected void unbind() {}

    @Override
    protected Lane[] lanes() {
        return new Lane[0];
    }

    @Override
    protected int overhead() {
        return 0;
    }

    @Override
    protected int destinationPort(int given) {
        return 0;
    }

    @Override
    protected long outKey() {
        return 7;
    }

    @Override
    protected long admit(Frame frame) {
        return KEY_OF_REMOTE;
    }

    @Override
    protected void prepend(Frame frame, RemoteEnd remote, long key, int flow) {}

    @Override
    protected void strip(Frame frame) {}

    @Override
    protected boolean sharesHeader(RemoteEnd one, RemoteEnd other, long key) {
        return true;
    }

    @Override
    protected void checkRemote(String option, Object value, RemoteSpec remote) {}

    @Override
    protected void remotesChanged() {
        changes++;
    }
}
