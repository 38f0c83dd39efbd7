// A WebSocket peer by Node's ws: sends every frame back with its addresses swapped.
//
//   peer.js serve PORT             prints "ready PORT"
//   peer.js connect URL [CA]       prints "ready"
// Also prints "closed CODE" for each connection that ended, and as a client exits then, with 3 if it was not let in.
const fs = require("fs");
const WebSocket = require("ws");

function echo(socket) {
  let count = 0;
  socket.on("message", (message, binary) => {
    if (!binary) {
      console.log("text", message.toString());
      return;
    }
    const answer = Buffer.concat([message.subarray(6, 12), message.subarray(0, 6), message.subarray(12)]);
    count++;
    if (count % 5 === 0) {
      socket.ping(Buffer.from([count]));
    }
    if (count % 3 === 0) {
      socket.send(answer.subarray(0, 20), { binary: true, fin: false });
      socket.send(answer.subarray(20), { binary: true, fin: true });
    } else {
      socket.send(answer);
    }
  });
  socket.on("close", (code) => console.log("closed", code));
}

if (process.argv[2] === "serve") {
  // It would compress if we let it: we must decline.
  const server = new WebSocket.Server({
    host: "127.0.0.1", port: Number(process.argv[3]), perMessageDeflate: true,
  });
  server.on("listening", () => console.log("ready", server.address().port));
  server.on("connection", echo);
} else {
  const ca = process.argv[4] && fs.readFileSync(process.argv[4]);
  const socket = new WebSocket(process.argv[3], { ca, perMessageDeflate: true });
  socket.on("open", () => console.log("ready"));
  socket.on("unexpected-response", (request, response) => {
    console.log("refused", response.statusCode);
    process.exit(3);
  });
  echo(socket);
}
