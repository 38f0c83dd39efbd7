package io.weft.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate for 127.0.0.1 made on the spot, for demonstrations: whoever is given the certificate file as its CA trusts
 * the holder of the key file. The JDK's own keytool makes the pair.
 *
 * @param certificate PEM file
 * @param key PEM file (PKCS #8), readable by its owner only
 */
record SelfSignedCertificate(Path certificate, Path key) {
    private static final String ALIAS = "weft";

    /** Makes both files in {@code folder}. */
    static SelfSignedCertificate create(Path folder) throws IOException, InterruptedException {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Path store = folder.resolve("tunnel.p12");
        runKeytool(List.of(
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1,dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                password));
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore pair = KeyStore.getInstance("PKCS12");
            pair.load(in, password.toCharArray());
            Certificate certificate = pair.getCertificate(ALIAS);
            Key key = pair.getKey(ALIAS, password.toCharArray());
            return new SelfSignedCertificate(
                    write(folder.resolve("tunnel-cert.pem"), "CERTIFICATE", certificate.getEncoded()),
                    write(folder.resolve("tunnel-key.pem"), "PRIVATE KEY", key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate that keytool made cannot be read: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(store);
        }
    }

    private static Path write(Path file, String type, byte[] encoded) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
    }

    private static void runKeytool(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            keytool.destroyForcibly();
            throw new IOException("keytool could not make a certificate: " + output.strip());
        }
    }
}
