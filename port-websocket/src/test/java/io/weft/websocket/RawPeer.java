package io.weft.websocket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The other end of a connection, byte by byte: a plain socket and as much of RFC 6455 as a test needs, written without the code
 * under test.
 */
final class RawPeer implements AutoCloseable {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** The example key of RFC 6455 1.3 and its accept. */
    static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static final int DEADLINE_MS = 20_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final boolean masks;

    /** A message as it came in. */
    record Message(int opcode, byte[] payload) {
        int closeCode() {
            return payload.length < 2 ? 0 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    RawPeer(Socket socket, boolean masks) throws IOException {
        this.socket = socket;
        this.masks = masks;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(DEADLINE_MS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** A TCP connection to a listener, and nothing more. */
    static RawPeer open(int port) throws IOException {
        return new RawPeer(new Socket("127.0.0.1", port), true);
    }

    /** A client that was let in. */
    static RawPeer connect(int port) throws IOException {
        RawPeer peer = open(port);
        peer.send(request(port, "/"));
        String response = peer.readHead();
        if (!response.startsWith("HTTP/1.1 101 ")) {
            throw new IOException(response);
        }
        return peer;
    }

    /** An upgrade request with more header lines, each with its CR LF. */
    static byte[] request(int port, String path, String... more) {
        return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: " + KEY + "\r\n" + String.join("", more) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The next client of a server socket, let in. */
    static RawPeer accept(ServerSocket server) throws IOException {
        RawPeer peer = new RawPeer(server.accept(), false);
        peer.send(response(peer.readHead()));
        return peer;
    }

    /** The response that lets a request in. */
    static byte[] response(String request) {
        String key = header(request, "sec-websocket-key");
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String header(String head, String name) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(java.util.Locale.ROOT).startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    void send(byte[] wire) throws IOException {
        out.write(wire);
        out.flush();
    }

    void send(int opcode, byte[] payload) throws IOException {
        send(message(0x80 | opcode, payload, masks));
    }

    /** A WebSocket frame with this first byte. */
    static byte[] message(int first, byte[] payload, boolean masked) {
        ByteBuffer wire = ByteBuffer.allocate(14 + payload.length);
        int mask = masked ? 0x80 : 0;
        wire.put((byte) first);
        if (payload.length < 126) {
            wire.put((byte) (mask | payload.length));
        } else if (payload.length < 65_536) {
            wire.put((byte) (mask | 126)).putShort((short) payload.length);
        } else {
            wire.put((byte) (mask | 127)).putLong(payload.length);
        }
        byte[] key = {0x37, (byte) 0xfa, 0x21, 0x3d};
        if (masked) {
            wire.put(key);
        }
        for (int i = 0; i < payload.length; i++) {
            wire.put((byte) (masked ? payload[i] ^ key[i % 4] : payload[i]));
        }
        byte[] result = new byte[wire.position()];
        wire.flip().get(result);
        return result;
    }

    /** Reads up to the empty line that ends an HTTP head. */
    String readHead() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("after: " + head);
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII);
    }

    /** The next message, or {@code null} when the connection ended or nothing came in {@code timeoutMs}. */
    Message read(int timeoutMs) throws IOException {
        socket.setSoTimeout(Math.max(1, timeoutMs));
        try {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            socket.setSoTimeout(DEADLINE_MS);
            int second = in.readUnsignedByte();
            long length = second & 0x7f;
            length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
            byte[] key = (second & 0x80) != 0 ? in.readNBytes(4) : new byte[4];
            byte[] payload = in.readNBytes((int) length);
            if (payload.length < length || ((second & 0x80) != 0) == masks) {
                throw new IOException("cut or wrongly masked");
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= key[i % 4];
            }
            return new Message(first & 0xf, payload);
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    Message read() throws IOException {
        return read(DEADLINE_MS);
    }

    /** Whether the connection ends, whatever still comes before. */
    boolean ends() throws IOException {
        socket.setSoTimeout(DEADLINE_MS);
        try {
            while (in.read() >= 0) {
                // to the end
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    InetSocketAddress localAddress() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
