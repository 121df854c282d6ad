#!/usr/bin/env python3
"""The cable between machines: passes each connection to a port of loopback on to another one.

Usage: relay.py FROM:TO[,TO...]... [WORD=WORD...]. Of several targets each connection gets the next one that answers, as
with a proxy without stickiness. WORD=WORD, of equal lengths, puts one word in place of another in what the targets say:
the addresses of servers behind cables of their own. Stopped, it is a cable that is cut: nothing arrives, and nobody is told.
"""

import asyncio
import itertools
import sys


async def pour(reader, writer, words=()):
    try:
        while part := await reader.read(1 << 16):
            for word, other in words:
                part = part.replace(word, other)
            writer.write(part)
            await writer.drain()
    except OSError:
        pass  # the other direction ends with this one
    finally:
        writer.close()


async def listen(source, targets, words):
    turns = itertools.count()

    async def connected(reader, writer):
        turn = next(turns)
        for number in range(len(targets)):
            try:
                far_reader, far_writer = await asyncio.open_connection(
                    "127.0.0.1", targets[(turn + number) % len(targets)])
                break
            except OSError:
                continue
        else:
            writer.close()  # as if nobody listened
            return
        await asyncio.gather(pour(reader, far_writer), pour(far_reader, writer, words))
    return await asyncio.start_server(connected, "127.0.0.1", source)


async def main():
    words = [tuple(part.encode() for part in pair.split("=")) for pair in sys.argv[1:] if "=" in pair]
    pairs = [pair.split(":") for pair in sys.argv[1:] if "=" not in pair]
    servers = [await listen(int(source), [int(target) for target in targets.split(",")], words)
               for source, targets in pairs]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
