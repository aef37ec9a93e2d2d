"""Customers, as a process of its own: each opens the form and sends it, by connections from an address of their own.

``python -m benchmarks.feedback_load PORT PATH KEPT steady RATE SECONDS`` sends at a fixed rate, whatever the answers
do, and counts each duration from the moment the form was due; ``… most CLIENTS SECONDS`` sends as fast as answers come;
``… until RATE SECONDS`` goes on after every failure, with the same form, until each is acknowledged.
KEPT is the file that gets the proofs of acknowledged forms. Prints figures as JSON, and before ``steady`` and
``until`` begin: ready.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PROOF = re.compile(rb'name="proof" value="([^"]+)"')
KEPT = b'class="kept"'  # the sentence that acknowledges
BODY = "proof={}&cus_conduct=5&cus_craft=4&cus_satisfied=5"
AT_ONCE = 64  # forms fetched side by side before the clock starts
PATIENCE = 60  # seconds for one answer


@dataclass(slots=True)
class Site:
    """Where to send, and what came of it."""

    port: int
    path: str
    kept: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    tries: int = 0

    async def ask(self, visitor: int, method: str, body: str = "") -> bytes:
        """Send one request from the visitor's own address of this machine, and give the whole answer."""
        self.tries += 1
        source = f"127.{1 + visitor // 62500 % 250}.{visitor // 250 % 250}.{1 + visitor % 250}"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        try:
            head = f"{method} {self.path} HTTP/1.1\r\nHost: localhost\r\nAccept-Language: nl\r\nConnection: close\r\n"
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(f"{head}{body}".encode())
            return await asyncio.wait_for(reader.read(-1), PATIENCE)
        finally:
            writer.close()

    async def form(self, visitor: int) -> str:
        """Open the page and give the proof in its form."""
        found = PROOF.search(await self.ask(visitor, "GET"))
        if found is None:
            raise ConnectionError
        return found[1].decode()

    async def send(self, visitor: int, proof: str, due: float) -> bool:
        """Send the form; whether it was acknowledged."""
        try:
            answer = await self.ask(visitor, "POST", BODY.format(proof))
        except OSError:
            answer = b""
        if not (answer.startswith(b"HTTP/1.1 200") and KEPT in answer):
            self.failed += 1
            return False
        self.seconds.append(time.perf_counter() - due)
        self.kept.append(proof)
        return True

    async def forms(self, n: int) -> list[str]:
        """Open so many pages."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(visitor: int) -> str:
            async with gate:
                return await self.form(visitor)

        return await asyncio.gather(*(one(visitor) for visitor in range(n)))


async def steady(site: Site, rate: float, seconds: float, *, insist: bool) -> None:
    """Send at a fixed rate; with ``insist`` again and again until each form is acknowledged."""
    proofs = await site.forms(round(rate * seconds))
    print("ready", flush=True)
    start = time.perf_counter()

    async def one(visitor: int, proof: str) -> None:
        due = start + visitor / rate
        await asyncio.sleep(due - time.perf_counter())
        while not await site.send(visitor, proof, due) and insist:
            await asyncio.sleep(0.3)

    await asyncio.gather(*(one(visitor, proof) for visitor, proof in enumerate(proofs)))


async def most(site: Site, clients: int, seconds: float) -> tuple[float, float]:
    """Send as fast as answers come; give forms sent, and pages opened, per second."""
    start = time.perf_counter()
    proofs = await site.forms(round(seconds * 400))
    opened = len(proofs) / (time.perf_counter() - start)
    waiting = list(enumerate(proofs))
    start = time.perf_counter()

    async def one() -> None:
        while waiting and time.perf_counter() - start < seconds:
            visitor, proof = waiting.pop()
            await site.send(visitor, proof, time.perf_counter())

    await asyncio.gather(*(one() for _ in range(clients)))
    return len(site.kept) / (time.perf_counter() - start), opened


def main() -> None:
    """Do what the command line says."""
    port, path, kept, kind, *numbers = sys.argv[1:]
    site = Site(int(port), path)
    figures: dict[str, float] = {}
    first, seconds = float(numbers[0]), float(numbers[1])
    if kind == "most":
        per_second, opened = asyncio.run(most(site, int(first), seconds))
        figures |= {"per_second": per_second, "opened_per_second": opened}
    else:
        asyncio.run(steady(site, first, seconds, insist=kind == "until"))
    with Path(kept).open("a", encoding="utf-8") as file:
        file.writelines(f"{proof}\n" for proof in site.kept)
    ordered = sorted(site.seconds)
    at = {name: ordered[int(share * (len(ordered) - 1))] for name, share in (("p50", 0.5), ("p99", 0.99), ("worst", 1))}
    print(json.dumps({**figures, **at, "acknowledged": len(site.kept), "failed": site.failed, "tries": site.tries}))


if __name__ == "__main__":
    main()
