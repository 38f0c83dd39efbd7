package io.weft.websocket;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.weft.port.PortException;
import java.nio.file.Files;
import java.nio.file.Path;
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
                load(
                        "ca",
                        config.ca(),
                        "PEM certificates",
                        () -> builder.trustManager(config.ca().toFile()));
            }
        }
        if (config.clientCert() != null) {
            loadKey(
                    "client_cert",
                    config.clientCert(),
                    "client_key",
                    config.clientKey(),
                    () -> builder.keyManager(
                            config.clientCert().toFile(), config.clientKey().toFile()));
        }
        return build(builder);
    }

    static SslContext forServer(ListenerConfig config) throws PortException {
        SslContextBuilder[] builder = new SslContextBuilder[1];
        loadKey(
                "cert",
                config.cert(),
                "key",
                config.key(),
                () -> builder[0] = SslContextBuilder.forServer(
                        config.cert().toFile(), config.key().toFile()));
        if (config.clientCa() != null) {
            load(
                    "client_ca",
                    config.clientCa(),
                    "PEM certificates",
                    () -> builder[0].trustManager(config.clientCa().toFile()));
            builder[0].clientAuth(ClientAuth.REQUIRE);
        }
        return build(builder[0]);
    }

    private static SslContext build(SslContextBuilder builder) throws PortException {
        try {
            return builder.build();
        } catch (SSLException e) {
            throw new PortException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static void loadKey(String certOption, Path cert, String keyOption, Path key, Runnable load)
            throws PortException {
        requireReadable(certOption, cert);
        load(
                keyOption,
                key,
                "an unencrypted PKCS#8 key in PEM that belongs to " + certOption + " '" + cert
                        + "'; convert one with: openssl pkcs8 -topk8 -nodes -in " + key + " -out KEY8.pem",
                load);
    }

    private static void load(String option, Path file, String accepted, Runnable load) throws PortException {
        requireReadable(option, file);
        try {
            load.run();
        } catch (RuntimeException e) {
            throw new PortException(
                    "option " + option + ": file '" + file + "' cannot be used (" + e.getMessage() + "); accepted: "
                            + accepted,
                    e);
        }
    }

    private static void requireReadable(String option, Path file) throws PortException {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new PortException(
                    "option " + option + ": file '" + file + "' cannot be read; look at: ls -l " + file);
        }
    }
}
