package io.weft.nativeio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Datagrams between two UDP sockets on the loopback interface. */
class MessageVectorTest {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int NAME_LENGTH = 16; // struct sockaddr_in: family, port, address
    private static final int IP_PKTINFO = 8;
    private static final int PACKET_INFO_LENGTH = 12;
    private static final int LOOPBACK = 0x7f000001;

    private LibC libc;
    private int sender;
    private int receiver;
    private int receiverPort;
    private final NativeMemory data = new NativeMemory(128 * 1024);

    @BeforeEach
    void open() throws IOException {
        Linux.require();
        libc = Linux.libc();
        sender = socket();
        receiver = socket();
        NativeMemory name = new NativeMemory(NAME_LENGTH);
        putName(name.bytes(), 0, 0);
        NativeException.check("bind", libc.bind(receiver, name.address(), NAME_LENGTH));
        NativeMemory length = new NativeMemory(4);
        length.bytes().putInt(0, NAME_LENGTH);
        NativeException.check("getsockname", libc.getsockname(receiver, name.address(), length.address()));
        receiverPort = port(name.bytes(), 0);
    }

    private int socket() throws NativeException {
        return NativeException.check("socket", libc.socket(AF_INET, SOCK_DGRAM | LibC.CLOEXEC | LibC.O_NONBLOCK, 0));
    }

    @AfterEach
    void close() {
        libc.close(sender);
        libc.close(receiver);
    }

    private static void putName(ByteBuffer bytes, int offset, int port) {
        bytes.putShort(offset, (short) AF_INET);
        bytes.put(offset + 2, (byte) (port >>> 8)).put(offset + 3, (byte) port);
        bytes.duplicate().order(ByteOrder.BIG_ENDIAN).putInt(offset + 4, LOOPBACK);
    }

    private static int port(ByteBuffer bytes, int offset) {
        return (bytes.get(offset + 2) & 0xff) << 8 | bytes.get(offset + 3) & 0xff;
    }

    private void write(int offset, String text) {
        data.bytes().put(offset, text.getBytes(StandardCharsets.US_ASCII));
    }

    private String read(int offset, int length) {
        byte[] text = new byte[length];
        data.bytes().get(offset, text);
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** Messages to the receiver whose part lies at 100 times their number. */
    private MessageVector outgoing(int count, int partsPerMessage) {
        MessageVector vector = new MessageVector(count, partsPerMessage, NAME_LENGTH, 0);
        for (int i = 0; i < count; i++) {
            putName(vector.bytes(), vector.nameOffset(i), receiverPort);
            write(100 * i, "message " + i);
            vector.part(i, data.address() + 100 * i, 9);
            vector.parts(i, 1);
        }
        return vector;
    }

    private MessageVector incoming(int count, int room, int nameCapacity, int controlCapacity) {
        MessageVector vector = new MessageVector(count, 1, nameCapacity, controlCapacity);
        for (int i = 0; i < count; i++) {
            vector.part(i, data.address() + 10_000 + 100 * i, room);
        }
        return vector;
    }

    @Test
    void shouldCarryManyMessagesAtOnceAndSayWhoSentThem() {
        assertThat(outgoing(5, 1).send(sender, 0, 5, 0)).isEqualTo(5);
        MessageVector incoming = incoming(4, 100, NAME_LENGTH, 0);
        assertThat(incoming.receive(receiver, 4, LibC.MSG_DONTWAIT)).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            assertThat(incoming.length(i)).isEqualTo(9);
            assertThat(read(10_000 + 100 * i, 9)).isEqualTo("message " + i);
            assertThat(incoming.nameLength(i)).isEqualTo(NAME_LENGTH);
            assertThat(port(incoming.bytes(), incoming.nameOffset(i))).isPositive();
            assertThat(incoming.flags(i)).isZero();
        }
        assertThat(incoming.receive(receiver, 4, LibC.MSG_DONTWAIT)).isEqualTo(1);
        assertThat(incoming.receive(receiver, 4, LibC.MSG_DONTWAIT)).isNegative();
        assertThat(Linux.errno()).isEqualTo(Errno.EAGAIN);
    }

    @Test
    void shouldGatherTheParts() {
        MessageVector outgoing = outgoing(2, 3);
        outgoing.part(1, 0, data.address(), 7);
        outgoing.part(1, 1, data.address() + 100, 9);
        outgoing.part(1, 2, data.address() + 7, 2);
        outgoing.parts(1, 3);
        assertThat(outgoing.send(sender, 0, 2, 0)).isEqualTo(2);
        MessageVector incoming = incoming(2, 100, 0, 0);
        assertThat(incoming.receive(receiver, 2, LibC.MSG_DONTWAIT)).isEqualTo(2);
        assertThat(read(10_000, incoming.length(0))).isEqualTo("message 0");
        assertThat(read(10_100, incoming.length(1))).isEqualTo("messagemessage 1 0");
    }

    @Test
    void shouldGoOnBehindAMessageThatFails() {
        MessageVector outgoing = outgoing(3, 1);
        outgoing.part(1, data.address(), 70_000); // longer than a datagram may be
        assertThat(outgoing.send(sender, 0, 3, 0)).isEqualTo(1);
        assertThat(outgoing.send(sender, 1, 2, 0)).isNegative();
        assertThat(Linux.errno()).isEqualTo(Errno.EMSGSIZE);
        assertThat(outgoing.send(sender, 2, 1, 0)).isEqualTo(1);
        MessageVector incoming = incoming(3, 100, 0, 0);
        assertThat(incoming.receive(receiver, 3, LibC.MSG_DONTWAIT)).isEqualTo(2);
        assertThat(read(10_100, 9)).isEqualTo("message 2");
    }

    @Test
    void shouldTellTheTrueLengthOfWhatWasCut() {
        outgoing(1, 1).send(sender, 0, 1, 0);
        MessageVector incoming = incoming(1, 4, 0, 0);
        assertThat(incoming.receive(receiver, 1, LibC.MSG_DONTWAIT | LibC.MSG_TRUNC))
                .isEqualTo(1);
        assertThat(incoming.length(0)).isEqualTo(9);
        assertThat(incoming.flags(0) & LibC.MSG_TRUNC).isNotZero();
        assertThat(read(10_000, 5)).isEqualTo("mess\0");
    }

    @Test
    void shouldOfferRoomForControlMessagesAnewEachTime() throws IOException {
        NativeMemory one = new NativeMemory(4);
        one.bytes().putInt(0, 1);
        NativeException.check("IP_PKTINFO", libc.setsockopt(receiver, 0, IP_PKTINFO, one.address(), 4));
        NativeMemory length = new NativeMemory(4);
        length.bytes().putInt(0, 4);
        NativeMemory enabled = new NativeMemory(4);
        libc.getsockopt(receiver, 0, IP_PKTINFO, enabled.address(), length.address());
        assertThat(enabled.bytes().getInt(0)).isEqualTo(1);

        int room = MessageVector.CONTROL_HEADER_LENGTH + PACKET_INFO_LENGTH;
        MessageVector incoming = incoming(2, 100, 0, 64);
        for (int round = 0; round < 2; round++) {
            outgoing(2, 1).send(sender, 0, 2, 0);
            assertThat(incoming.receive(receiver, 2, LibC.MSG_DONTWAIT)).isEqualTo(2);
            for (int i = 0; i < 2; i++) {
                assertThat(incoming.controlLength(i)).isGreaterThanOrEqualTo(room);
                int control = incoming.controlOffset(i);
                assertThat(incoming.bytes().getLong(control)).isEqualTo(room);
                assertThat(incoming.bytes().getInt(control + 8)).isZero();
                assertThat(incoming.bytes().getInt(control + 12)).isEqualTo(IP_PKTINFO);
                assertThat(incoming.bytes()
                                .duplicate()
                                .order(ByteOrder.BIG_ENDIAN)
                                .getInt(control + room - 4))
                        .isEqualTo(LOOPBACK);
            }
        }
    }

    @Test
    void shouldRefuseAVectorOfNothing() {
        assertThatThrownBy(() -> new MessageVector(0, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MessageVector(1, 0, 0, 0)).hasMessageContaining("0 parts");
    }
}
