"""A WebSocket peer by Python's websockets: sends every frame back with its addresses swapped.

  peer.py serve PORT                      prints "ready PORT"
  peer.py connect URL [CA [CERT KEY]]     prints "ready"
Also prints "closed CODE" for each connection that ended, and as a client exits then, with 3 if it was not let in.
"""
import asyncio
import ssl
import sys

import websockets


def say(*words):
    print(*words, flush=True)


async def echo(socket):
    count = 0
    try:
        async for message in socket:
            if isinstance(message, str):
                say("text", message)
                continue
            answer = message[6:12] + message[0:6] + message[12:]
            count += 1
            # Every third answer in two fragments, every fifth with a ping before it.
            if count % 5 == 0:
                await (await socket.ping())
            await socket.send([answer[:20], answer[20:]] if count % 3 == 0 else answer)
    except websockets.ConnectionClosed:
        pass
    say("closed", socket.close_code)


async def serve(port):
    async with websockets.serve(echo, "127.0.0.1", port, max_size=65535) as server:
        say("ready", server.sockets[0].getsockname()[1])
        await asyncio.Future()


async def connect(url, ca=None, cert=None, key=None):
    context = None
    if ca:
        context = ssl.create_default_context(cafile=ca)
        if cert:
            context.load_cert_chain(cert, key)
    try:
        socket = await websockets.connect(url, ssl=context, max_size=65535)
    except websockets.InvalidStatusCode as refused:
        say("refused", refused.status_code)
        sys.exit(3)
    say("ready")
    await echo(socket)


if sys.argv[1] == "serve":
    asyncio.run(serve(int(sys.argv[2])))
else:
    asyncio.run(connect(*sys.argv[2:]))
