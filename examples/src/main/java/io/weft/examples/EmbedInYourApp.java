package io.weft.examples;

import io.weft.VirtualSwitch;
import io.weft.port.MemoryPort;

/** The README's program: a switch inside an application, with the application itself, a listener and a socket for VMs. */
public final class EmbedInYourApp {
    private EmbedInYourApp() {}

    /** Runs until Enter is pressed. */
    public static void main(String[] args) throws Exception {
        MemoryPort app =
                new MemoryPort("app").onFrame(frame -> System.out.println("got " + frame.remaining() + " bytes"));
        try (VirtualSwitch lan = VirtualSwitch.create()) {
            lan.add(app); // this program: app.send(bytes) puts a frame on the LAN
            lan.add("ws-listen://127.0.0.1:8080/"); // other switches, v86 in a browser, etherws
            lan.add("qemu:/tmp/weft-lan.sock"); // virtual machines, without root
            System.out.println("Press Enter to end; ports: " + lan.ports().size());
            System.in.read();
        }
    }
}
