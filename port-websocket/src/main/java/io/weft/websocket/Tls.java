package io.weft.websocket;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.weft.port.PortException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/**
 * TLS contexts from PEM files. BoringSSL does the work where netty-tcnative is on the class path, else the JDK.
 *
 * <p>Threads: stateless.
 */
final class Tls {
    private Tls() {}

    static SslContext forClient(ClientConfig config) throws PortException {
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (config.insecure()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else {
            builder.endpointIdentificationAlgorithm("HTTPS");
            if (config.ca() != null) {
                builder.trustManager(PemFiles.certificates("ca", config.ca()));
            }
        }
        if (config.clientCert() != null) {
            X509Certificate[] chain = PemFiles.certificates("client_cert", config.clientCert());
            builder.keyManager(PemFiles.key("client_key", config.clientKey(), chain[0]), chain);
        }
        return build(builder);
    }

    static SslContext forServer(ListenerConfig config) throws PortException {
        X509Certificate[] chain = PemFiles.certificates("cert", config.cert());
        SslContextBuilder builder = SslContextBuilder.forServer(PemFiles.key("key", config.key(), chain[0]), chain);
        if (config.clientCa() != null) {
            builder.trustManager(PemFiles.certificates("client_ca", config.clientCa()))
                    .clientAuth(ClientAuth.REQUIRE);
        }
        return build(builder);
    }

    private static SslContext build(SslContextBuilder builder) throws PortException {
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new PortException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
