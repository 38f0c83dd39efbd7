package io.weft.vxlan;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;

/**
 * A program of its own for {@link VxlanNameIT}, whose names are in a file ({@code jdk.net.hosts.file}): opens ports, prints
 * what is told, and ends with its input.
 */
public final class NamedRemote {
    private NamedRemote() {}

    /** The ports' URIs are the arguments. */
    public static void main(String[] arguments) throws Exception {
        try (VirtualSwitch lan = VirtualSwitch.builder()
                .listener(new SwitchListener() {
                    @Override
                    public void message(String driver, String text) {
                        System.out.println(text);
                    }
                })
                .build()) {
            for (String uri : arguments) {
                lan.add(uri);
            }
            System.out.println("opened");
            while (System.in.read() >= 0) {
                // until the test has seen enough
            }
        }
    }
}
