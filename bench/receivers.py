"""Hosts that callbacks are sent to, 127.1.0.1 and on, on one port: most answer at once, the first few never."""
import asyncio
import threading
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Receivers:
    def __init__(self, silent):
        self.silent = {f"127.1.0.{i + 1}" for i in range(silent)}
        self.at = []  # when each of the others' callbacks had come in
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait()

    async def _serve(self, ready):
        server = await asyncio.start_server(self._talk, "0.0.0.0", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _talk(self, reader, writer):
        if writer.get_extra_info("sockname")[0] in self.silent:
            await asyncio.sleep(3600)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
                self.at.append(time.monotonic())
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
