"""The words of the toolbox, over a container's root."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pullscope.base.clock import ManualClock
from pullscope.oci import toolbox
from pullscope.runtime.exits import Exit
from pullscope.runtime.rootfs import Root, Volume
from pullscope.runtime.toolbox import programs, shell
from pullscope.runtime.toolbox.context import Context
from pullscope.runtime.toolbox.process import Process


class Run:
    """One process of the toolbox and what it wrote."""

    def __init__(self, root: Root, *command: str, clock: ManualClock | None = None) -> None:
        self.streams = {1: b"", 2: b""}
        env = {"PATH": "/nowhere:/bin", "HOME": "/deployments", "NAME": "a  value"}
        self.clock = clock or ManualClock()
        context = Context(root, env, "/", self.clock, self.write, self.flush, hostname="pod-1", user="1001")
        self.process = Process(context, shell.run(command[0], context, command[1:]))

    def write(self, stream: int, data: bytes) -> None:
        self.streams[stream] += data

    async def flush(self) -> None:
        await self.clock.sleep(0)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    tree, volume = tmp_path / "tree", tmp_path / "volume"
    for word in toolbox.WORDS:
        (tree / "bin").mkdir(parents=True, exist_ok=True)
        (tree / "bin" / word).write_bytes(toolbox.MARK)
    (tree / "bin" / "other").write_bytes(b"#!")
    (tree / "deployments").mkdir()
    (tree / "deployments" / "node.war").write_bytes(b"archive\n")
    (tree / "deployments" / ".hidden").touch()
    (tree / "link").symlink_to("deployments/node.war")
    (tree / "out").symlink_to("/etc")
    (tree / "up").symlink_to("../../../../../../../../etc")
    (tree / "loop").symlink_to("loop")
    volume.mkdir()
    (volume / "config").write_bytes(b"key=value")
    (tmp_path / "secret").write_text("of the host")
    return Root(tree, (Volume("/data/v", volume), Volume("/data/v/inner", volume, readonly=True)))


async def said(root: Root, *command: str) -> tuple[int, str, str]:
    run = Run(root, *command)
    run.process.close_stdin()
    outcome = await run.process.exited
    return outcome.code, run.streams[1].decode(), run.streams[2].decode()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("true", (0, "", "")),
        ("false", (1, "", "")),
        ("echo -n a 'b  c'", (0, "a b  c", "")),
        ("pwd; cd deployments; pwd; cd; pwd; cd .. && pwd", (0, "/\n/deployments\n/deployments\n/\n", "")),
        ("cd nosuch", (2, "", "sh: cd: can't cd to nosuch\n")),
        ("cat deployments/node.war link", (0, "archive\narchive\n", "")),
        ("cat nosuch deployments", (1, "", "cat: nosuch: No such file or directory\ncat: deployments: Is a directory\n")),
        ("cat -n x", (2, "", "cat: unrecognized option '-n'\n")),
        ("cat /data/v/config data/v/inner/../config", (0, "key=valuekey=value", "")),
        ("ls deployments", (0, "node.war\n", "")),
        ("ls -a deployments", (0, ".hidden\nnode.war\n", "")),
        ("ls -d deployments link", (0, "deployments\nlink\n", "")),
        ("ls deployments /data/v", (0, "deployments:\nnode.war\n/data/v:\nconfig\ninner\n", "")),
        ("ls nosuch", (2, "", "ls: nosuch: No such file or directory\n")),
        ("ls -R", (2, "", "ls: invalid option -- 'R'\n")),
        ("id; id -u; hostname", (0, "uid=1001 gid=0(root) groups=0(root)\n1001\npod-1\n", "")),
        ("A=1; B=2 printenv B; printenv A B; export A; printenv A HOME", (0, "2\n1\n/deployments\n", "")),
        ("PATH=/nowhere echo x", (127, "", "sh: echo: not found\n")),
        ('echo $NAME "$NAME" $MISSING x$? $0 $#', (0, "a value a  value x0 sh 0\n", "")),
        ("date; date -u +%Y-%m-%d", (0, "Thu Jan  1 00:00:00 UTC 2026\n2026-01-01\n", "")),
        ("date --set=x", (2, "", "date: '--set=x' is not supported by the toolbox\n")),
        ("env", (0, "PATH=/nowhere:/bin\nHOME=/deployments\nNAME=a  value\n", "")),
        ("false && echo a || echo b; true || echo c", (0, "b\n", "")),
        ("exit 3; echo no", (3, "", "")),
        ("false; exit", (1, "", "")),
        ("exit x", (2, "", "sh: exit: Illegal number: x\n")),
        ("nosuch", (127, "", "sh: nosuch: not found\n")),
        ("/bin/other", (126, "", "sh: /bin/other: the toolbox starts its own words only\n")),
        ("sh -c 'echo $0 $1 $@ $#' name one two", (0, "name one one two 2\n", "")),
        ("sh x", (2, "", "sh: x: only `sh` and `sh -c TEXT` are supported by the toolbox\n")),
        ("echo a | cat", (2, "", "sh: pipes (|) are not supported by the toolbox\n")),
        ("sleep x", (2, "", "sleep: invalid time interval 'x'\n")),
        ("sleep 0 0s 0.0m", (0, "", "")),
        ("env x", (2, "", "env: arguments are not supported by the toolbox\n")),
        ("hostname x", (2, "", "hostname: you must be root to change the host name\n")),
    ],
)  # fmt: skip
async def test_words(root: Root, command: str, expected: tuple[int, str, str]) -> None:
    assert await said(root, "sh", "-c", command) == expected


async def test_long_lists_show_mode_and_size(root: Root) -> None:
    _, listed, _ = await said(root, "ls", "-l", "/deployments")
    assert listed.startswith("-rw")
    assert listed.split()[4] == "8"
    assert listed.endswith(" node.war\n")


@pytest.mark.parametrize(
    "path", ["/out/passwd", "/up/passwd", "/../secret", "link/../../../secret", "/data/v/../../../secret"]
)
async def test_no_path_leads_out_of_the_container(root: Root, path: str) -> None:
    assert await said(root, "cat", path) == (1, "", f"cat: {path}: No such file or directory\n")


async def test_a_loop_of_links_ends(root: Root) -> None:
    code, _, complaint = await said(root, "cat", "loop")
    assert code == 1
    assert "symbolic links" in complaint


async def test_the_shell_reads_lines_from_stdin_as_they_come(root: Root) -> None:
    run = Run(root, "sh")
    await run.process.write(b"cd deploy")
    await run.process.write(b"ments\npwd\nexit 4\necho no\n")
    assert await run.process.exited == Exit(4)
    assert run.streams[1] == b"/deployments\n"
    assert await said(root, "sh") == (0, "", "")


async def test_a_sleep_goes_by_the_clock_and_can_be_ended(root: Root) -> None:
    clock = ManualClock()
    run = Run(root, "sh", "-c", "sleep 1m 2; echo woken", clock=clock)
    forever = Run(root, "sleep", "infinity", clock=clock)
    while clock.next_wake() is None:
        await asyncio.wait((run.process.exited,), timeout=0.001)
    clock.advance(62)
    assert await run.process.exited == Exit(0)
    assert run.streams[1] == b"woken\n"
    clock.advance(10**7)
    assert not forever.process.exited.done()
    forever.process.stop()
    assert await forever.process.exited == Exit(143)


async def test_a_failed_write_ends_the_process(root: Root) -> None:
    class Full(Run):
        def write(self, stream: int, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    assert await Full(root, "echo", "x").process.exited == Exit(141, "writing: No space left on device")


def test_every_word_has_its_program() -> None:
    assert {*programs.PROGRAMS, "sh"} == set(toolbox.WORDS)


async def test_words_that_the_node_adds_are_started_where_the_image_marks_them(root: Root) -> None:
    async def greet(context: Context, arguments: Sequence[str]) -> int:
        context.say(f"hello {arguments[0]}\n")
        return 3

    said: list[bytes] = []
    clock = ManualClock()
    context = Context(root, {"PATH": "/bin"}, "/", clock, lambda _, data: said.append(data), lambda: clock.sleep(0))
    context.extra = {"greet": greet}
    assert await shell.Shell(context).run("greet you") == 127
    (root.tree / "bin" / "greet").write_bytes(toolbox.MARK)
    assert await shell.Shell(context).run("greet you") == 3
    assert said == [b"sh: greet: not found\n", b"hello you\n"]
