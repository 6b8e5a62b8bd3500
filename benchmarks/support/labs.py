"""Labs to be measured: started in a process of their own, filled with pods, asked how much they take."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers
from pullscope.kube.api import Object
from pullscope.oci import reference
from pullscope.oci.platform import Platform
from pullscope.remote import transfer
from pullscope.remote.client import RegistryClient

CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True)
class Lab:
    """A lab that runs. `registry` is what image references begin with."""

    pid: int
    kubeconfig: Path
    server: str
    registry: str

    def resident_mb(self, *, highest: bool = False) -> float:
        """What its process has in memory, now or at most so far (Linux)."""
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return int(fields["VmHWM" if highest else "VmRSS"].split()[0]) * 1024 / 1e6

    def forget_highest(self) -> None:
        """Let the most that it had be what it has now (Linux)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    @property
    def cpu_seconds(self) -> float:
        """What its process has computed so far, all threads together (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


@contextlib.contextmanager
def running(directory: Path, *, nodes: int = 1, max_pods: int = 110, keep: bool = False) -> Iterator[Lab]:
    """A lab with its state on the disk of `directory`, gone afterwards; with `keep` the caller removes it.

    Thousands of files that were removed a moment ago slow down what is measured next: for minutes ext4 looks at each of them
    whenever it makes a file.
    """
    with contextlib.ExitStack() as stack:
        if keep:
            root = tempfile.mkdtemp(dir=directory)
        else:
            root = stack.enter_context(tempfile.TemporaryDirectory(dir=directory, ignore_cleanup_errors=True))
        command = [sys.executable, str(CHILD), root, str(nodes), str(max_pods)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            where = json.loads(process.stdout.readline())
            yield Lab(process.pid, Path(where["kubeconfig"]), where["server"], where["registry"])


async def push_held(registry: str) -> str:
    """An image for a platform that no lab executes; its name."""
    store, name = MemoryStore(), f"{registry}/bench/held:v1"
    root = build.image(store, Platform("linux", "s390x"), {}, [layers.write(store, [layers.Entry("none", b"")])])
    async with aiohttp.ClientSession() as session:
        await transfer.push(RegistryClient(session, registry), reference.parse(name), store, root)
    return name


def probe(registry: str) -> str:
    """The image whose program is executed, which every lab has."""
    return f"{registry}/pullscope/probe:base"


def deployment(name: str, image: str, replicas: int) -> Object:
    """A Deployment of pods that do not pull an image that is there."""
    container = {"name": "app", "image": image, "imagePullPolicy": "IfNotPresent"}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }
