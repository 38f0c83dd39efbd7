package io.weft.websocket;

import io.weft.port.PortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys in PEM (RFC 7468), checked when the port is opened: a key that belongs to another certificate would
 * otherwise show as a puzzling failure of every handshake.
 *
 * <p>Threads: stateless.
 */
final class PemFiles {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private PemFiles() {}

    /** All certificates of a file, at least one. */
    static X509Certificate[] certificates(String option, Path file) throws PortException {
        byte[] content = read(option, file);
        try {
            X509Certificate[] certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new java.io.ByteArrayInputStream(content))
                    .toArray(new X509Certificate[0]);
            if (certificates.length > 0) {
                return certificates;
            }
            throw new CertificateException("it holds none");
        } catch (CertificateException e) {
            throw new PortException(
                    "option " + option + ": file '" + file + "' cannot be used (" + e.getMessage()
                            + "); accepted: X.509 certificates in PEM",
                    e);
        }
    }

    /** The key of a file, which belongs to {@code certificate}. */
    static PrivateKey key(String option, Path file, X509Certificate certificate) throws PortException {
        Matcher pem = PKCS8.matcher(new String(read(option, file), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw unusable(option, file, "no unencrypted PKCS#8 key in it", null);
        }
        PublicKey publicKey = certificate.getPublicKey();
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            PrivateKey key =
                    KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            if (belongTogether(key, publicKey)) {
                return key;
            }
            throw new GeneralSecurityException("the certificate has another key");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(option, file, e.getMessage(), e);
        }
    }

    /** Whether what the one signs the other verifies. */
    private static boolean belongTogether(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm(); // EdDSA
                });
        byte[] message = {1, 2, 3};
        signature.initSign(key);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(message);
        return signature.verify(signed);
    }

    private static PortException unusable(String option, Path file, String why, Exception cause) {
        return new PortException(
                "option " + option + ": file '" + file + "' cannot be used (" + why
                        + "); accepted: the certificate's key, unencrypted PKCS#8 in PEM; convert one with: openssl pkcs8"
                        + " -topk8 -nodes -in " + file + " -out KEY8.pem",
                cause);
    }

    private static byte[] read(String option, Path file) throws PortException {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new PortException("option " + option + ": file '" + file + "' cannot be read (" + e + ")", e);
        }
    }
}
