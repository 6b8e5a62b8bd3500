"""Do the tutorial: start the lab, run each command, look at what came of it, and take everything away again."""

import contextlib
import os
import shlex
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pullscope.base.clock import Clock
from pullscope.base.errors import PullscopeError
from pullscope.clusters.cluster import connect
from pullscope.kube.api import Object
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.lab.places import API_PORT, Port
from pullscope.tutorial import cases, client, findings, samples, walk
from pullscope.tutorial.client import Client
from pullscope.tutorial.findings import Finding
from pullscope.tutorial.lookout import Lookout
from pullscope.tutorial.screen import Screen
from pullscope.tutorial.steps import Chapter, Edit, Oc

CHAPTERS = (*walk.CHAPTERS, *cases.CHAPTERS)

Pause = Callable[[], Awaitable[None]]
"""Returns when the user wants to go on."""


class StepFailedError(PullscopeError):
    """A command did not do what it should."""


@dataclass
class _Show:
    """The tutorial under way. `pod` is the newest one that was waited for, `output` what the last command wrote."""

    screen: Screen
    pause: Pause | None
    oc: Client
    lookout: Lookout
    values: dict[str, str]
    folder: Path
    pod: Object | None = None
    output: bytes = b""
    findings: list[Finding] = field(default_factory=list)


async def perform(screen: Screen, pause: Pause | None, clock: Clock, chapters: Sequence[Chapter] = CHAPTERS) -> int:
    """Do all chapters on a lab of their own; 0 when every case came out as the table says, else 1.

    Without `pause` nobody is waited for. The process's working directory is a temporary one meanwhile. Raises StepFailedError.
    """
    with tempfile.TemporaryDirectory(prefix="pullscope-tutorial-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        config = LabConfig(tutorial=True, api_port=Port(API_PORT), clock=clock)
        async with assembly.running(config) as lab, connect(lab.kubeconfig) as cluster:
            oc = client.found(lab.kubeconfig, clock)
            show = _Show(screen, pause, oc, Lookout(cluster, clock), _values(lab), folder)
            with contextlib.chdir(folder):
                return await _all(show, chapters)


def _values(lab: Lab) -> dict[str, str]:
    """What stands for the words in braces in commands."""
    return {"{password}": lab.credentials.kubeadmin_password, "{server}": lab.server}


async def _all(show: _Show, chapters: Sequence[Chapter]) -> int:
    show.screen.begin(show.oc.name, pauses=show.pause is not None)
    for number, chapter in enumerate(chapters, 1):
        show.screen.chapter(chapter, f"{number}/{len(chapters)}")
        await _chapter(show, chapter)
    show.screen.table(show.findings)
    return 0 if all(found.as_expected for found in show.findings) else 1


async def _chapter(show: _Show, chapter: Chapter) -> None:
    log = ""
    for step in chapter.steps:
        command = _filled(show, step.action.command)
        shown = _filled(show, step.action.powershell) if os.name == "nt" else ""
        show.screen.step(step.why, shown or command)
        if show.pause is not None:
            await show.pause()
        else:
            show.screen.entered()
        if isinstance(step.action, Edit):
            samples.change(show.folder, step.action.change)
            continue
        await _run(show, step.action, command)
        if command.startswith("oc logs "):
            log = show.output.decode(errors="replace")
    if chapter.case and show.pod is not None:
        found = findings.judge(chapter, show.pod, await show.lookout.events(show.pod), log)
        show.findings.append(found)
        show.screen.finding(found)


def _filled(show: _Show, command: str) -> str:
    """The command with what this lab has for the words in braces."""
    for word, value in show.values.items():
        command = command.replace(word, value)
    return command


async def _run(show: _Show, action: Oc, command: str) -> None:
    """Run it, show what it writes, and wait for what is to come of it. Raises StepFailedError."""
    show.output = b""

    def write(data: bytes) -> None:
        show.output += data
        show.screen.output(data)

    code = await show.oc.run(shlex.split(command)[1:], write)
    if code is None:
        raise StepFailedError(f"`{command}` did not end in time")
    if code:
        raise StepFailedError(f"`{command}` failed with exit code {code}")
    if action.says not in show.output.decode(errors="replace"):
        raise StepFailedError(f"`{command}` did not print {action.says!r}")
    if action.until:
        show.pod = await show.lookout.pod(action.until)
        if show.pod is None:
            raise StepFailedError(f"after `{command}` no pod came to anything in time")
