package io.weft.websocket;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLException;

/** Says for people why a connection failed. Threads: stateless. */
final class Causes {
    private Causes() {}

    static String describe(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof DecoderException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof UnknownHostException) {
            return "no address for host " + cause.getMessage();
        }
        if (cause instanceof ConnectTimeoutException) {
            return "no answer to the connection request";
        }
        if (cause instanceof ProxyConnectException) {
            return "by the proxy: " + cause.getMessage();
        }
        if (cause instanceof ConnectException) {
            return "connection refused";
        }
        if (cause instanceof ClosedChannelException) {
            return "the connection was closed";
        }
        if (cause instanceof NotSslRecordException) {
            return "the peer does not speak TLS";
        }
        if (cause instanceof SSLException) {
            return "TLS: " + tlsReason(cause);
        }
        return cause.getMessage() != null ? cause.getMessage() : cause.toString();
    }

    /** The certificate's fault when there is one: the deepest cause says it best. */
    private static String tlsReason(Throwable failure) {
        String reason = failure.getMessage();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                reason = "the peer's certificate is not accepted: " + cause.getMessage();
            }
        }
        return reason;
    }
}
