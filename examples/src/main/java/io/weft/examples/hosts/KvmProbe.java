package io.weft.examples.hosts;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Decides between TCG and KVM. A KVM device that opens may still hang the guest at its first instructions (seen under
 * nested virtualisation), so only a guest that booted counts. The verdict is kept beside the guest image until this
 * machine boots again.
 */
public final class KvmProbe {
    /** A guest boots in about 3 s with TCG on an idle machine: KVM that takes longer than this is not worth having. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private static final int MAX_REASON_LENGTH = 120;

    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String VERDICT_PREFIX = "kvm-verdict-";
    private static final String WORKS = "a probe boot worked";

    private final QemuProgram qemu;
    private final GuestImage image;

    public KvmProbe(QemuProgram qemu, GuestImage image) {
        this.qemu = qemu;
        this.image = image;
    }

    /** @param reason a clause for people: why this one */
    public record Choice(Accelerator accelerator, String reason) {}

    /**
     * The accelerator that was asked for, or else KVM if it works here and TCG if it does not.
     *
     * @param progress hears of the probe boot, if there has to be one
     */
    public Choice choose(Optional<Accelerator> askedFor, Consumer<String> progress) {
        if (askedFor.isPresent()) {
            return new Choice(askedFor.get(), "asked for");
        }
        if (!Files.exists(DEVICE)) {
            return new Choice(Accelerator.TCG, "there is no " + DEVICE);
        }
        if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
            return new Choice(
                    Accelerator.TCG,
                    "this user may not use " + DEVICE + "; "
                            + LocalMachine.asRoot("adduser " + System.getProperty("user.name") + " kvm")
                            + " and a new login change that");
        }
        Optional<Path> kept = verdictFile();
        Optional<String> verdict = kept.flatMap(KvmProbe::read);
        if (verdict.isEmpty()) {
            progress.accept("trying KVM with a probe boot, for at most " + LIMIT.toSeconds() + " s");
            try {
                verdict = Optional.of(probe(LIMIT));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Choice(Accelerator.TCG, "the probe boot with KVM was interrupted");
            }
            if (kept.isPresent()) {
                write(kept.get(), verdict.get());
            }
        }
        return new Choice(verdict.get().equals(WORKS) ? Accelerator.KVM : Accelerator.TCG, verdict.get());
    }

    /** Boots a guest without a network card and returns {@link #WORKS}, or why KVM does not. */
    String probe(Duration limit) throws InterruptedException {
        HostAddress address = new HostAddress("KVM probe", "52:54:00:00:00:ff", "192.0.2.1/24", "2001:db8::1/64");
        QemuHost.Config config = new QemuHost.Config(address, Optional.empty(), Optional.empty(), Accelerator.KVM, 128);
        CompletableFuture<String> verdict = new CompletableFuture<>();
        try (QemuHost guest = new QemuHost(qemu, image, config)) {
            guest.start((host, event) -> {
                if (event instanceof HostEvent.Booted) {
                    verdict.complete(WORKS);
                } else if (event instanceof HostEvent.Failed failed) {
                    verdict.complete(failedBecause(failed.reason()));
                }
            });
            return verdict.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return "a guest did not boot with KVM within " + limit.toSeconds() + " s";
        } catch (HostException | ExecutionException e) {
            return failedBecause(e.getMessage());
        }
    }

    /** QEMU may quote itself at length; its first words tell enough in a sentence for people. */
    private static String failedBecause(String reason) {
        String begin = reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH) + "...";
        return "a probe boot with KVM failed (" + begin + ")";
    }

    /** Named after this boot of the machine and the QEMU version; empty where the kernel tells no boot id. */
    private Optional<Path> verdictFile() {
        return read(BOOT_ID)
                .map(bootId -> image.folder().resolveSibling(VERDICT_PREFIX + bootId + "-" + qemu.version()));
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whole or not at all, since other runs may read it. The verdicts of earlier boots go. */
    private static void write(Path file, String verdict) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            Path whole = Files.createTempFile(folder, ".kvm-verdict", "");
            Files.writeString(whole, verdict + "\n");
            try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, VERDICT_PREFIX + "*")) {
                for (Path each : old) {
                    Files.deleteIfExists(each);
                }
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // The next run probes again, which costs it a few seconds.
            System.getLogger(KvmProbe.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot keep the KVM verdict in " + file, e);
        }
    }
}
