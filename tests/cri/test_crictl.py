"""crictl against a node of a few images and containers: what it prints is what was recorded beside CRI-O."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from pullscope.base.clock import ManualClock
from pullscope.cri.api import (
    AuthConfig,
    ContainerState,
    ContainerStatus,
    CriError,
    Image,
    ImageService,
    PodSandbox,
    PodSandboxConfig,
    PodSandboxState,
    RuntimeService,
    Version,
)
from pullscope.cri.crictl import flags, tables
from pullscope.cri.crictl.command import SOCKET, Crictl
from pullscope.cri.crictl.flags import Flag, FlagError
from pullscope.cri.crictl.node import Node
from pullscope.runtime.rootfs import Root
from pullscope.runtime.toolbox.context import Context

NOW = datetime(2026, 11, 21, 11, 59, 45, 260089, tzinfo=UTC)
X = Image(
    "041159ce2340f73d49ab0f20ce444072899f3217cde0747bc28ff656cd525c32",
    ("127.0.0.1:5001/m/crictl-x:v1",),
    ("127.0.0.1:5001/m/crictl-x@sha256:f30cd063dc63b80c15c67d18aaae28f7b7a9c6cc55050f29d6483aa20452f4c6",),
    size=2161866,
)
PAUSE = Image("d1fa3911f498e3eb", ("localhost/pause:3.10",), ("localhost/pause@sha256:015ba976f71c9d",), size=11_400)
MOVED = Image("25df2b2df0338fe2", (), ("127.0.0.1@sha256:9551bb5ffc2a2e",), size=2161866)
CONFIG = {"os": "linux", "architecture": "amd64", "config": {"Labels": {"variant": "node"}, "Entrypoint": ["/app"]}}


def nanoseconds(ago: float) -> int:
    return round((NOW - timedelta(seconds=ago)).timestamp() * 1e6) * 1000


POD = PodSandbox(
    "7a01d54ac7d8f0",
    PodSandboxConfig("rmi-never", "u", "cri", labels={"io.kubernetes.pod.name": "rmi-never"}),
    PodSandboxState.READY,
    nanoseconds(22),
)
RUNS = ContainerStatus(
    "e7ef4a2cb5a0d0", POD.id, "app", 1, ContainerState.RUNNING, "img:v1", "img@sha256:1", X.id, nanoseconds(7),
    started_at=nanoseconds(6), labels={"a": "1"},
)  # fmt: skip
ENDED = replace(RUNS, id="ac160ce2ac3340", attempt=0, state=ContainerState.EXITED, created_at=nanoseconds(3700))


@dataclass
class Services:
    """Images and containers that a test may change."""

    images: list[Image] = field(default_factory=lambda: [PAUSE, MOVED, X])
    containers: list[ContainerStatus] = field(default_factory=lambda: [ENDED, RUNS])
    refuses: CriError | None = None
    changed: int = 0
    pulled: list[tuple[str, AuthConfig | None]] = field(default_factory=list)
    stopped: list[tuple[str, int]] = field(default_factory=list)

    async def list_images(self) -> list[Image]:
        return list(self.images)

    async def image_status(self, image: str) -> Image | None:
        return next((each for each in self.images if image in each.repo_tags or each.id.startswith(image)), None)

    async def remove_image(self, image: str) -> None:
        if self.refuses:
            raise self.refuses
        self.images = [each for each in self.images if image not in each.repo_tags and not each.id.startswith(image)]

    async def pull_image(self, image: str, auth: AuthConfig | None = None) -> str:
        if self.refuses:
            raise self.refuses
        self.pulled.append((image, auth))
        return X.id

    async def list_containers(self) -> list[ContainerStatus]:
        return self.containers

    async def container_status(self, container_id: str) -> ContainerStatus:
        raise CriError(f'could not find container "{container_id}"', code="NotFound")

    async def stop_container(self, container_id: str, timeout: int) -> None:
        self.stopped.append((container_id, timeout))

    async def list_pod_sandbox(self) -> list[PodSandbox]:
        return [POD]

    async def version(self) -> Version:
        return Version("embedded", "1")

    def images_changed(self) -> None:
        self.changed += 1

    def node(self) -> Node:
        both = (cast(ImageService, self), cast(RuntimeService, self))
        return Node(*both, lambda _: CONFIG, self.images_changed)


@dataclass
class Said:
    code: int
    out: str
    error: str


async def crictl(
    tree: Path, services: Services, *arguments: str, socket: Path | None = None, tty: bool = False
) -> Said:
    streams = {1: b"", 2: b""}

    def write(stream: int, data: bytes) -> None:
        streams[stream] += data

    async def flush() -> None:
        """Nobody need keep up."""

    context = Context(Root(tree), {}, "/", ManualClock(NOW), write, flush)
    if tty:
        context.open_terminal()
    word = Crictl(socket or tree / SOCKET.lstrip("/"), services.node)
    code = await word.run(context, arguments)
    return Said(code, streams[1].decode(), streams[2].decode())


async def test_images(tmp_path: Path) -> None:
    said = await crictl(tmp_path, Services(), "images", "--digests")
    assert said == Said(
        0,
        "IMAGE                       TAG                 DIGEST              IMAGE ID            SIZE\n"
        "127.0.0.1:5001/m/crictl-x   v1                  f30cd063dc63b       041159ce2340f       2.16MB\n"
        "127.0.0.1                   <none>              9551bb5ffc2a2       25df2b2df0338       2.16MB\n"
        "localhost/pause             3.10                015ba976f71c9       d1fa3911f498e       11.4kB\n",
        "",
    )
    one = await crictl(tmp_path, Services(), "images", X.repo_tags[0])
    assert one.out == (
        "IMAGE                       TAG                 IMAGE ID            SIZE\n"
        "127.0.0.1:5001/m/crictl-x   v1                  041159ce2340f       2.16MB\n"
    )
    none = await crictl(tmp_path, Services(), "images", "127.0.0.1:5001/m/crictl-x")
    assert none.out == "IMAGE               TAG                 IMAGE ID            SIZE\n"
    ids = await crictl(tmp_path, Services(), "images", "-q")
    assert ids.out == f"{X.id}\n{MOVED.id}\n{PAUSE.id}\n"
    whole = await crictl(tmp_path, Services(), "images", "--no-trunc", X.id[:5])
    assert X.id in whole.out
    verbose = await crictl(tmp_path, Services(), "images", "-v", X.id)
    assert verbose.out == (
        f"ID: {X.id}\nRepoTags: {X.repo_tags[0]}\nRepoDigests: {X.repo_digests[0]}\nSize: 2161866\n\n"
    )


async def test_images_as_documents(tmp_path: Path) -> None:
    entry = {"id": X.id, "repoTags": [*X.repo_tags], "repoDigests": [*X.repo_digests], "size": "2161866"}
    expected = {"images": [{**entry, "username": "", "pinned": False}]}
    as_json = await crictl(tmp_path, Services(), "images", "-o", "json", X.id)
    assert as_json.out == json.dumps(expected, indent=2) + "\n"
    as_yaml = await crictl(tmp_path, Services(), "images", "--output=yaml", X.id)
    assert yaml.safe_load(as_yaml.out) == expected
    inspected = json.loads((await crictl(tmp_path, Services(), "inspecti", X.id)).out)
    assert list(inspected) == ["info", "status"]
    assert inspected["info"] == {"imageSpec": CONFIG, "labels": {"variant": "node"}}
    assert inspected["status"]["id"] == X.id


async def test_rmi(tmp_path: Path) -> None:
    services = Services()
    assert await crictl(tmp_path, services, "rmi", "localhost/pause:3.10", MOVED.id[:6]) == Said(
        0, f"Deleted: localhost/pause:3.10\nDeleted: {MOVED.repo_digests[0]}\n", ""
    )
    assert (services.images, services.changed) == ([X], 2)
    assert await crictl(tmp_path, services, "rmi", "nosuch:v1") == Said(
        1, "", 'time="2026-11-21T11:59:45Z" level=error msg="no such image nosuch:v1"\n'
    )
    assert (await crictl(tmp_path, services, "rmi", "a", X.id)).error == (
        'time="2026-11-21T11:59:45Z" level=error msg="no such image a"\n'
    )
    assert services.images == []


async def test_rmi_of_all_and_of_what_is_unused(tmp_path: Path) -> None:
    services = Services()
    assert (await crictl(tmp_path, services, "rmi", "--prune")).code == 0
    assert services.images == [X]
    assert (await crictl(tmp_path, services, "rmi", "-q")).out == "No images to remove\n"
    assert (await crictl(tmp_path, services, "rmi", "-a")).out == f"Deleted: {X.repo_tags[0]}\n"


async def test_an_image_in_use_is_refused_in_both_loggers_words(tmp_path: Path) -> None:
    services = Services(refuses=CriError("image used by ac16: image is in use by a container"))
    said = await crictl(tmp_path, services, "rmi", "localhost/pause:3.10")
    desc = "rpc error: code = Unknown desc = image used by ac16: image is in use by a container"
    assert said == Said(
        1,
        "",
        'E1121 11:59:45.260089       1 remote_image.go:284] "RemoveImage from image service failed" '
        f'err="{desc}" image="localhost/pause:3.10"\n'
        'time="2026-11-21T11:59:45Z" level=error '
        f'msg="error of removing image \\"localhost/pause:3.10\\": {desc}"\n',
    )
    assert services.changed == 0


async def test_pull(tmp_path: Path) -> None:
    services = Services()
    assert (await crictl(tmp_path, services, "pull", "--creds", "user:pass", "r/x:v1")).out == (
        f"Image is up to date for {X.id}\n"
    )
    assert (services.pulled, services.changed) == ([("r/x:v1", AuthConfig("user", "pass"))], 1)
    services.refuses = CriError("RegistryUnavailable: no")
    said = await crictl(tmp_path, services, "pull", "r/x:v1")
    assert 'remote_image.go:250] "PullImage from image service failed" err="rpc error: code = Unknown' in said.error
    assert said.error.endswith('level=error msg="pulling image: RegistryUnavailable: no"\n')
    assert 'msg="username can\'t be empty"' in (await crictl(tmp_path, services, "pull", "--creds", ":x", "r/x")).error


async def test_ps_and_pods(tmp_path: Path) -> None:
    head = (
        "CONTAINER           IMAGE                                                              CREATED             "
        "STATE               NAME                ATTEMPT             POD ID              POD                 NAMESPACE\n"
    )
    runs = (
        f"e7ef4a2cb5a0d       {X.id}   7 seconds ago       "
        "Running             app                 1                   7a01d54ac7d8f       rmi-never           cri\n"
    )
    assert (await crictl(tmp_path, Services(), "ps")).out == head + runs
    both = (await crictl(tmp_path, Services(), "ps", "-a")).out.splitlines()
    assert [row.split()[0] for row in both] == ["CONTAINER", "e7ef4a2cb5a0d", "ac160ce2ac334"]
    assert "About an hour ago" in both[2]
    assert (await crictl(tmp_path, Services(), "pods")).out == (
        "POD ID              CREATED             STATE               NAME                NAMESPACE           "
        "ATTEMPT             RUNTIME\n"
        "7a01d54ac7d8f       22 seconds ago      Ready               rmi-never           cri                 "
        "0                   (default)\n"
    )


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["-aq"], [RUNS, ENDED]),
        (["-q"], [RUNS]),
        (["-q", "--state", "Exited"], [ENDED]),
        (["-ql"], [RUNS]),
        (["-aq", "--name", "^ap+$", "--label", "a=1", "--namespace", "cri", "-p", "7a01"], [RUNS, ENDED]),
        (["-aq", "--label", "a=2"], []),
        (["-aq", "--image", "ffff"], []),
        (["-q", "-n", "2"], [RUNS, ENDED]),
    ],
)
async def test_ps_finds(tmp_path: Path, arguments: list[str], found: list[ContainerStatus]) -> None:
    assert (await crictl(tmp_path, Services(), "ps", *arguments)).out == "".join(f"{each.id}\n" for each in found)


async def test_containers_as_documents(tmp_path: Path) -> None:
    (listed,) = json.loads((await crictl(tmp_path, Services(), "ps", "-o", "json")).out)["containers"]
    assert (listed["state"], listed["createdAt"]) == ("CONTAINER_RUNNING", str(RUNS.created_at))
    (pod,) = json.loads((await crictl(tmp_path, Services(), "pods", "-o", "json")).out)["items"]
    assert (pod["state"], pod["metadata"]["namespace"]) == ("SANDBOX_READY", "cri")
    status = json.loads((await crictl(tmp_path, Services(), "inspect", "e7e")).out)["status"]
    assert (status["createdAt"], status["state"]) == ("2026-11-21T11:59:38.260089000Z", "CONTAINER_RUNNING")
    missing = await crictl(tmp_path, Services(), "inspect", "ffff")
    assert 'getting the status of the container \\"ffff\\": rpc error: code = NotFound' in missing.error


async def test_logs(tmp_path: Path) -> None:
    log = tmp_path / "0.log"
    log.write_text("T1 stdout F one\nT2 stderr P tw\nT3 stderr F o\nT4 stdout F three\n")
    services = Services(containers=[replace(RUNS, log_path=str(log))])
    assert await crictl(tmp_path, services, "logs", "e7e") == Said(0, "one\nthree\n", "two\n")
    assert (await crictl(tmp_path, services, "logs", "--tail=1", "-t", "e7e")).out == "T4 three\n"
    gone = await crictl(tmp_path, Services(), "logs", "e7e")
    assert (gone.code, "reading the log of the container e7ef4a2cb5a0d0" in gone.error) == (1, True)


async def test_stop(tmp_path: Path) -> None:
    services = Services()
    assert await crictl(tmp_path, services, "stop", "-t", "1", RUNS.id, "ac16", "nosuch") == Said(
        0, f"{RUNS.id}\nac16\nnosuch\n", ""
    )
    assert await crictl(tmp_path, services, "stop", "--all", "--timeout=5") == Said(0, f"{RUNS.id}\n", "")
    assert services.stopped == [(RUNS.id, 1), (ENDED.id, 1), ("nosuch", 1), (RUNS.id, 5)]
    none = Services(containers=[ENDED])
    assert (await crictl(tmp_path, none, "stop", "-a")).out == "No running containers found.\n"
    twins = Services(containers=[RUNS, replace(RUNS, id="e7e1")])
    assert await crictl(tmp_path, twins, "stop", "e7") == Said(
        1,
        "",
        'time="2026-11-21T11:59:45Z" level=error msg="stopping the container \\"e7\\": rpc error: code = NotFound desc = '
        'could not find container \\"e7\\": multiple IDs found with provided prefix: e7"\n',
    )
    assert twins.stopped == none.stopped == []


async def test_stop_of_what_is_not_said(tmp_path: Path) -> None:
    assert await crictl(tmp_path, Services(), "stop") == Said(
        1, "", "you must specify at least one CONTAINER-ID or use --all\n"
    )
    assert await crictl(tmp_path, Services(), "stop", "-a", "x") == Said(
        1, "", "cannot specify CONTAINER-ID(s) when using --all\n"
    )
    for arguments, error in (
        (("-t", "soon", "x"), 'invalid value \\"soon\\" for flag -timeout: parse error'),
        (("",), 'stopping the container \\"\\": ID cannot be empty'),
    ):
        said = await crictl(tmp_path, Services(), "stop", *arguments)
        assert (said.code, said.error.endswith(f'level=error msg="{error}"\n')) == (1, True)


async def test_the_runtime(tmp_path: Path) -> None:
    assert (await crictl(tmp_path, Services(), "version")).out == (
        "Version:  0.1.0\nRuntimeName:  embedded\nRuntimeVersion:  1\nRuntimeApiVersion:  v1\n"
    )
    info = json.loads((await crictl(tmp_path, Services(), "info")).out)
    assert [condition["type"] for condition in info["status"]["conditions"]] == ["RuntimeReady", "NetworkReady"]


async def test_where_the_nodes_root_is_not_the_root_nobody_answers(tmp_path: Path) -> None:
    said = await crictl(tmp_path, Services(), "images", socket=tmp_path / "elsewhere" / "crio.sock")
    assert said.code == 1
    assert "dial unix /run/crio/crio.sock: connect: no such file or directory" in said.error


async def test_usage(tmp_path: Path) -> None:
    forced = await crictl(tmp_path, Services(), "rmi", "--force", "x")
    assert forced.out.startswith(
        "Incorrect Usage: flag provided but not defined: -force\n\nNAME:\n   crictl rmi - Remove"
    )
    assert forced.error == 'time="2026-11-21T11:59:45Z" level=error msg="flag provided but not defined: -force"\n'
    assert (await crictl(tmp_path, Services(), "rmi")).out.startswith("NAME:\n   crictl rmi - Remove")
    assert "--all, -a" in (await crictl(tmp_path, Services(), "rmi", "--help")).out
    assert "inspecti" in (await crictl(tmp_path, Services())).out
    for arguments, error in (
        (("pull",), "image name cannot be empty"),
        (("pull", "a", "b"), "pull takes one image"),
        (("logs",), "ID cannot be empty"),
        (("ps", "-n", "x"), 'invalid value \\"x\\" for flag -last: parse error'),
        (("ps", "--name", "("), "error parsing regexp: missing ), unterminated subpattern at position 0"),
    ):
        said = await crictl(tmp_path, Services(), *arguments)
        assert (said.code, said.error.endswith(f'level=error msg="{error}"\n')) == (1, True)
    assert await crictl(tmp_path, Services(), "nosuch") == Said(3, "No help topic for 'nosuch'\n", "")
    refused = await crictl(tmp_path, Services(), "stopp", "x")
    assert (refused.code, 'msg="stopp is not supported by the lab\'s crictl"' in refused.error) == (1, True)


async def test_at_a_terminal_errors_are_red(tmp_path: Path) -> None:
    said = await crictl(tmp_path, Services(), "rmi", "a", tty=True)
    assert said.out == f"\x1b[31mERRO\x1b[0m[0000] {'no such image a':<44} \r\n"


@pytest.mark.parametrize(
    ("words", "values", "arguments"),
    [
        (["-aq", "x"], {"all": ("",), "quiet": ("",)}, ("x",)),
        (["--output", "json", "-a"], {"output": ("json",), "all": ("",)}, ()),
        (["-o=json"], {"output": ("json",)}, ()),
        (["x", "-a"], {}, ("x", "-a")),
        (["--", "-a"], {}, ("-a",)),
        (["-"], {}, ("-",)),
    ],
)
def test_flags(words: Sequence[str], values: dict[str, Any], arguments: Sequence[str]) -> None:
    known = (Flag(("all", "a"), ""), Flag(("quiet", "q"), ""), Flag(("output", "o"), "", value=True))
    found = flags.parse(known, words)
    assert (found.values, found.arguments) == (values, arguments)


def test_flags_that_cannot_be() -> None:
    with pytest.raises(FlagError, match="flag needs an argument: -o"):
        flags.parse((Flag(("output", "o"), "", value=True),), ["-o"])
    with pytest.raises(FlagError, match="flag provided but not defined: -f"):
        flags.parse((), ["-f"])


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, "0B"), (999, "999B"), (1000, "1kB"), (11_400, "11.4kB"), (2_161_866, "2.16MB"), (5 * 10**15, "5e+03TB")],
)
def test_sizes_are_decimal(size: int, told: str) -> None:
    assert tables.human_size(size) == told
