package io.weft.tap;

import io.weft.VirtualSwitch;
import io.weft.event.SwitchListener;
import io.weft.port.PortException;
import io.weft.worker.NanoClock;

/** A program of its own for {@link UnprivilegedTapIT}: opens a port and prints what became of it. */
public final class OpenTap {
    private OpenTap() {}

    /** The port's URI is the argument. */
    public static void main(String[] arguments) {
        VirtualSwitch lan = VirtualSwitch.builder()
                .invoker(NanoClock.SYSTEM)
                .listener(new SwitchListener() {
                    @Override
                    public void message(String driver, String text) {
                        System.out.println(driver + " says: " + text);
                    }
                })
                .build();
        try {
            System.out.println("opened " + lan.add(arguments[0]));
            for (int i = 0; i < 3; i++) {
                lan.step();
            }
        } catch (PortException e) {
            System.out.println("refused: " + e.getMessage());
        } finally {
            lan.close();
        }
    }
}
