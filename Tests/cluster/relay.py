#!/usr/bin/env python3
"""The cable between a machine and its servers: passes each connection to a port of loopback on to another one.

Usage: relay.py FROM:TO... . Stopped, it is a cable that is cut: nothing arrives, and nobody is told.
"""

import asyncio
import sys


async def pour(reader, writer):
    try:
        while part := await reader.read(1 << 16):
            writer.write(part)
            await writer.drain()
    except OSError:
        pass  # the other direction ends with this one
    finally:
        writer.close()


async def listen(source, target):
    async def connected(reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()  # as if nobody listened
            return
        await asyncio.gather(pour(reader, far_writer), pour(far_reader, writer))
    return await asyncio.start_server(connected, "127.0.0.1", source)


async def main():
    pairs = [tuple(map(int, pair.split(":"))) for pair in sys.argv[1:]]
    servers = [await listen(source, target) for source, target in pairs]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main())
