"""Our registry beside docker's: a big blob in and out, small manifests per second, memory.

    python benchmarks/registry.py [--size MEGABYTES] [--pairs N]

Both run as processes of their own with data on the same disk. They are asked in turns, each pair in another order, by
one client that costs little itself: plain sockets, the blob sent with sendfile and received into one buffer. Every
round pushes other content. Prints a Markdown table of medians; without docker-registry, ours alone.
"""

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

MEGABYTE = 1 << 20
REQUESTS = 3000  # of a kind, in one measurement
IN_FLIGHT = 4
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"

_DOCKER_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@dataclass
class Peer:
    """A running registry and what was measured of it."""

    name: str
    process: subprocess.Popen[str]
    port: int
    figures: dict[str, list[float]] = field(default_factory=dict)

    def note(self, what: str, value: float) -> None:
        self.figures.setdefault(what, []).append(value)

    def peak_memory(self) -> float:
        """Megabytes that the process held at most since `forget_peak`; 0 where the system does not tell."""
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
        return 0

    def forget_peak(self) -> None:
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


class Connection:
    """HTTP/1.1 by hand, on one socket."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(MEGABYTE)

    def send(self, method: str, path: str, headers: str = "", length: int = 0) -> None:
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {OCI_MANIFEST}\r\n{headers}"
        self._socket.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode())

    def send_body(self, body: bytes | Path) -> None:
        if isinstance(body, bytes):
            self._socket.sendall(body)
            return
        with body.open("rb") as file:
            self._socket.sendfile(file)

    def receive(self, *, body: bool = True) -> tuple[int, str, int]:
        """Status, head and the number of the body's bytes."""
        data = b""
        while b"\r\n\r\n" not in data:
            got = self._socket.recv_into(self._buffer)
            if not got:
                raise ConnectionError(f"the registry hung up: {data[:200]!r}")
            data += self._buffer[:got]
        head, _, rest = data.partition(b"\r\n\r\n")
        text = head.decode()
        found = re.search(r"(?i)^content-length: *(\d+)", text, re.MULTILINE)
        length = int(found[1]) if found and body else 0
        left = length - len(rest)
        while left > 0:
            left -= self._socket.recv_into(self._buffer)
        return int(text.split(" ", 2)[1]), text, length

    def close(self) -> None:
        self._socket.close()


def ask(peer: Peer, method: str, path: str, body: bytes | Path = b"", headers: str = "") -> tuple[str, float]:
    """One request on its own connection: the answer's head, and the seconds it took."""
    size = len(body) if isinstance(body, bytes) else body.stat().st_size
    connection = Connection(peer.port)
    begin = time.perf_counter()
    connection.send(method, path, headers, size)
    if size:
        connection.send_body(body)
    status, head, _ = connection.receive(body=method != "HEAD")
    took = time.perf_counter() - begin
    connection.close()
    if status >= 300:
        raise RuntimeError(f"{peer.name}: {method} {path}: {head}")
    return head, took


def push(peer: Peer, body: bytes | Path, digest: str) -> float:
    """Upload a blob as skopeo does (POST, then PUT); seconds."""
    head, started = ask(peer, "POST", "/v2/bench/blobs/uploads/")
    location = re.findall(r"(?i)^location: *(\S+)", head, re.MULTILINE)[0]
    path = re.sub(r"^http://[^/]+", "", location)
    _, took = ask(peer, "PUT", f"{path}{'&' if '?' in path else '?'}digest={digest}", body)
    return started + took


def per_second(peer: Peer, method: str) -> float:
    """Requests for a small manifest per second, `IN_FLIGHT` at a time over connections that stay open."""
    connections = [Connection(peer.port) for _ in range(IN_FLIGHT)]
    begin = time.perf_counter()
    for _ in range(REQUESTS // IN_FLIGHT):
        for connection in connections:
            connection.send(method, "/v2/bench/manifests/small")
        for connection in connections:
            status, head, _ = connection.receive(body=method == "GET")
            if status != 200:
                raise RuntimeError(f"{peer.name}: {head}")
    took = time.perf_counter() - begin
    for connection in connections:
        connection.close()
    return REQUESTS / took


@contextlib.contextmanager
def ours(root: Path) -> Iterator[Peer]:
    command = [sys.executable, "-m", "pullscope", "registry", "serve", "127.0.0.1:0", "--root", str(root)]
    with _process(command, subprocess.PIPE) as process:
        assert process.stdout is not None
        port = re.findall(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())[0]
        yield Peer("pullscope", process, int(port))


@contextlib.contextmanager
def dockers(program: str, root: Path) -> Iterator[Peer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = root / "config.yml"
    config.write_text(_DOCKER_CONFIG.format(root=root, port=port))
    with _process([program, "serve", str(config)], subprocess.DEVNULL) as process:
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)  # noqa: TID251 (another program starts; it does not say when it is ready)
        yield Peer("docker-registry", process, port)


@contextlib.contextmanager
def _process(command: list[str], output: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def prepare(peer: Peer) -> None:
    """A small image in each registry."""
    config = b"{}"
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    push(peer, config, digest)
    entry = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": entry, "layers": []}).encode()
    ask(peer, "PUT", "/v2/bench/manifests/small", manifest, f"Content-Type: {OCI_MANIFEST}\r\n")
    for method in ("GET", "HEAD"):
        per_second(peer, method)  # warm


def measure(peer: Peer, blob: Path, digest: str) -> None:
    if hasattr(os, "sync"):
        os.sync()  # what the other one wrote must not be written on this one's time
    before = peer.peak_memory()
    actions: dict[str, Callable[[], float]] = {
        "push": lambda: push(peer, blob, digest),
        "pull": lambda: ask(peer, "GET", f"/v2/bench/blobs/{digest}")[1],
    }
    for what, act in actions.items():
        peer.forget_peak()
        idle = peer.peak_memory()
        peer.note(what, act())
        peer.note(f"{what} memory", peer.peak_memory() - idle if before else 0)
    for method in ("GET", "HEAD"):
        peer.note(method, per_second(peer, method))


def content(path: Path, size: int, number: int) -> str:
    """Make the blob of round `number` in place; returns its digest."""
    if not path.exists():
        with path.open("wb") as file:
            for _ in range(size):
                file.write(os.urandom(MEGABYTE))
    with path.open("r+b") as file:
        file.write(f"round {number} ".encode())
        file.seek(0)
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def table(peers: list[Peer], size: int) -> str:
    rows = [
        (f"push {size} MB", "push", ".2f", "s"),
        (f"pull {size} MB", "pull", ".2f", "s"),
        ("memory for the push", "push memory", ".1f", "MB"),
        ("memory for the pull", "pull memory", ".1f", "MB"),
        ("manifest GET", "GET", ".0f", "/s"),
        ("manifest HEAD", "HEAD", ".0f", "/s"),
    ]
    lines = [f"| median | {' | '.join(peer.name for peer in peers)} | ratio of each pair, median |"]
    lines.append("| --- |" + " ---: |" * (len(peers) + 1))
    for title, key, digits, unit in rows:
        cells = [f"{statistics.median(peer.figures[key]):{digits}} {unit}" for peer in peers]
        lines.append(f"| {' | '.join([title, *cells, ratio(peers, key)])} |")
    return "\n".join(lines)


def ratio(peers: list[Peer], key: str) -> str:
    """Ours by theirs, pair by pair. A process that had room to spare needs no new memory: there is no ratio of that."""
    if len(peers) < 2 or "memory" in key:
        return "-"
    first, second = (peer.figures[key] for peer in peers)
    return f"{statistics.median(a / b for a, b in zip(first, second, strict=True)):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Our registry beside docker's.")
    parser.add_argument("--size", type=int, default=500, help="megabytes of the blob")
    parser.add_argument("--pairs", type=int, default=5, help="rounds")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers = [stack.enter_context(ours(root / "ours"))]
        if program := shutil.which("docker-registry"):
            (root / "dockers").mkdir()
            peers.append(stack.enter_context(dockers(program, root / "dockers")))
        else:
            print("docker-registry is not installed (Debian: apt-get install docker-registry): ours alone\n")
        for peer in peers:
            prepare(peer)
        for number in range(options.pairs):
            digest = content(root / "blob", options.size, number)
            for peer in peers if number % 2 == 0 else reversed(peers):
                measure(peer, root / "blob", digest)
        print(table(peers, options.size))


if __name__ == "__main__":
    main()
