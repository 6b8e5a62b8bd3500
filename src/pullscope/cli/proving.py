"""Run `verify` in a lab of its own: start it, connect to it as anybody would, run the cases, show the report.

The lab is reached through its kubeconfig and its registry's address alone.
"""

import asyncio
import sys
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TextIO

import aiohttp

from pullscope.base.clock import Clock, FastClock, SystemClock
from pullscope.base.errors import UsageError
from pullscope.cli import outputs, serving_misbehaving, signals, typing_oc
from pullscope.cli.nodehands import NodeHands
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster, connect
from pullscope.lab import assembly, tutorial
from pullscope.lab.config import LabConfig
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.oci import reference
from pullscope.pull.flow import Language
from pullscope.pull.reasons import CURRENT
from pullscope.pull.verification import Verification
from pullscope.remote.client import RegistryClient
from pullscope.reports import terminal
from pullscope.verify import result, runner
from pullscope.verify.case import Case
from pullscope.verify.cases import article, suites
from pullscope.verify.cases.suites import Suite
from pullscope.verify.progress import Progress
from pullscope.verify.report import document, html, junit, listing, live, markdown, table, transcript, words
from pullscope.verify.repository import Repository
from pullscope.verify.result import Report
from pullscope.verify.scenarios.steps import Needs
from pullscope.verify.target import Builds, Target, fixed

REPOSITORY = "pullscope/verify"
"""Where the images go in the lab's registry."""

SPEED = 10.0
"""How fast the lab's clock runs for rows that wait: a pull that is limited takes half a minute, one without an answer longer."""

_ROOM = 500
"""Pods that a node of such a lab takes: with --keep all pods of a suite stay."""

Method = Literal["tags", "article"]
Form = Literal["table", "wide", "json", "junit", "markdown", "html"]


@dataclass(frozen=True)
class Wanted:
    """What to run and how to show it. `everything`: the evidence of all cases, not only of those that left a question.

    `transcript`: the file for what was typed, with the method `article`; `base` is the image that it builds from.
    """

    cases: Sequence[Case]
    form: Form
    everything: bool
    language: Language = "en"
    method: Method = "tags"
    transcript: Path | None = None
    base: str = str(tutorial.IMAGE)

    @property
    def words(self) -> words.Words:
        """What people are told in."""
        return words.words(self.language)


ALL: Final = suites.Filter()


def choose(
    numbers: Collection[str], method: Method = "tags", suite: Suite | None = None, only: suites.Filter = ALL
) -> list[Case]:
    """The cases of those numbers, in the suites' order, or all of the suite when there are none; of them what `only` takes.

    Without a suite it is `article`, or the one that has the topic. Raises UsageError.
    """
    known = article.CASES if method == "article" else suites.rows("full")
    unknown = [number for number in numbers if number not in {case.id for case in known}]
    if unknown:
        hint = "`pullscope verify --suite full --list` shows all; by hand there are 1 to 8"
        raise UsageError(f"there is no case {', '.join(unknown)}", hint=hint)
    if method == "article":
        usual = article.SIX  # the tutorial has no Never
        return [case for case in known if case.id in numbers] if numbers else list(usual)
    chosen = suites.rows("full" if numbers else suite or ("full" if only.topic else "article"), only)
    if wanted := [case for case in chosen if not numbers or case.id in numbers]:
        return wanted
    raise UsageError("no case is all of that", hint="`pullscope verify --suite full --list` shows all")


def show_rows(cases: Sequence[Case], form: Form, language: Language) -> int:
    """The rows that would be run, on standard output. Raises UsageError for forms that reports alone have."""
    if form == "json":
        sys.stdout.write(listing.text(cases))
    elif form in ("table", "wide"):
        listing.render(terminal.console(sys.stdout, wide=form == "wide"), cases, words.words(language))
    else:
        raise UsageError(f"rows are not listed as {form}", hint="as table, wide or json")
    return 0


def prove(wanted: Wanted, output_file: Path | None, *, keep: bool) -> int:
    """Run the cases, show the report on standard output or write it to the file, and return the exit code.

    With `keep` the lab stays up afterwards, until Ctrl-C.
    """
    reports: list[Report] = []
    try:
        asyncio.run(_prove(wanted, output_file, reports, keep=keep))
    except (KeyboardInterrupt, asyncio.CancelledError):
        if not (keep and reports):
            raise KeyboardInterrupt from None
    return reports[0].exit_code


async def _prove(wanted: Wanted, output_file: Path | None, reports: list[Report], *, keep: bool) -> None:
    signals.end_tidily()
    with live.live(sys.stderr) as progress:
        progress.phase("starting a lab")
        async with AsyncExitStack() as labs:
            if wanted.method == "article":
                lab = await labs.enter_async_context(assembly.running(LabConfig(tutorial=True)))
                parts = [(lab, await by_hand_in_lab(lab.kubeconfig, wanted, progress, keep=keep))]
            else:
                parts = [
                    await _part(labs, needs, cases, progress, keep=keep)
                    for needs, cases in suites.by_needs(wanted.cases).items()
                ]
            progress.close()
            report = result.together([each for _, each in parts], wanted.cases)
            show(report, wanted, output_file)
            reports.append(report)
            if keep:
                for lab, part in parts:
                    _tell_how_to_look(lab, part, wanted)
                await asyncio.Event().wait()


async def _part(
    labs: AsyncExitStack, needs: Needs, cases: Sequence[Case], progress: Progress, *, keep: bool
) -> tuple[assembly.Lab, Report]:
    """Run the cases in a lab that is right for them. It stays as long as the others, or goes at once."""
    clock = FastClock(SPEED) if suites.named(cases) == "full" else SystemClock()
    async with AsyncExitStack() as own:
        lab = await (labs if keep else own).enter_async_context(assembly.running(config(needs, clock)))
        return lab, await in_lab(running(lab, needs, clock), cases, progress, keep=keep)


def config(needs: Needs, clock: Clock) -> LabConfig:
    """A lab that scenarios with these needs can be made in."""
    return LabConfig(
        nodes=needs.nodes,
        max_pods=_ROOM,
        clock=clock,
        always_pull_images=needs.always_pull_images,
        kubelet=KubeletConfig((1, 34) if needs.before else CURRENT, verification=Verification(needs.verification)),
        runtime=needs.runtime or "cri-o",
    )


@dataclass(frozen=True)
class Running:
    """A lab that runs, by what anybody needs to use it. `clock` tells its time.

    `node`: where all pods go unless they say otherwise (empty: anywhere). `always_pull_images`: it has that admission plugin.
    """

    kubeconfig: Path
    registry: str
    clock: Clock = field(default_factory=SystemClock)
    node: str = ""
    always_pull_images: bool = False


def running(lab: assembly.Lab, needs: Needs, clock: Clock) -> Running:
    """A lab that was made for scenarios with these needs: where they take more nodes than one, the first is the run's own."""
    node = lab.node if needs.nodes > 1 else ""
    return Running(lab.kubeconfig, lab.registry, clock, node, needs.always_pull_images)


async def in_lab(lab: Running, cases: Sequence[Case], progress: Progress, *, keep: bool = False) -> Report:
    """Run the cases in a running lab."""
    name = reference.parse(f"{lab.registry}/{REPOSITORY}")
    access, clock = await kubeconfig.load(lab.kubeconfig, None), lab.clock
    async with (
        transport.open_transport(access) as http,
        aiohttp.ClientSession() as session,
        AsyncExitStack() as stack,
    ):
        repository = Repository(RegistryClient(session, lab.registry), name, name)
        target = Target(
            *("lab", Cluster(http), fixed(repository), clock),
            misbehaving=serving_misbehaving.serve(serving_misbehaving.Where(session, clock)),
            speed=clock.speed if isinstance(clock, FastClock) else 1.0,
            node=lab.node,
            crictl=NodeHands(stack, http, clock).crictl,
            always_pull_images=lab.always_pull_images,
            parallel_pulls=True,
        )
        return await runner.run(target, suites.named(cases), cases, progress, keep=keep)


async def by_hand_in_lab(kubeconfig: Path, wanted: Wanted, progress: Progress, *, keep: bool = False) -> Report:
    """Run the cases in a running lab as the tutorial does. The lab has the tutorial's base image."""
    clock = SystemClock()
    async with connect(kubeconfig) as cluster:
        target = Target("lab", cluster, Builds(typing_oc.of(kubeconfig, None, clock), wanted.base), clock)
        return await runner.run(target, article.NAME, wanted.cases, progress, keep=keep)


def render(report: Report, wanted: Wanted, to: TextIO) -> None:
    """Write the report in the form that is wanted."""
    questions = ("fail", "inconclusive")
    details = [each.case.id for each in report.results if wanted.everything or each.verdict.word in questions]
    match wanted.form:
        case "table" | "wide" as form:
            wide = form == "wide"
            table.render(terminal.console(to, wide=wide), report, details, wanted.words, wide=wide)
        case "json":
            to.write(document.text(report))
        case "markdown":
            to.write(markdown.render(report, details, wanted.words))
        case "junit":
            to.write(junit.render(report))
        case "html":
            to.write(html.render(report, wanted.words))


def show(report: Report, wanted: Wanted, output_file: Path | None) -> None:
    """On standard output, or into the file; and the transcript into its own."""
    if wanted.transcript is not None:
        told = transcript.render(report, wanted.words)
        outputs.write(lambda to: print(told, end="", file=to), wanted.transcript)
    outputs.write(lambda to: render(report, wanted, to), output_file)


_IMAGES: dict[Method, str] = {
    "tags": f"curl http://{{registry}}/v2/{REPOSITORY}/tags/list",
    "article": "{kubectl} get imagestreams,builds",
}


def _tell_how_to_look(lab: assembly.Lab, report: Report, wanted: Wanted) -> None:
    kubectl = f"kubectl --kubeconfig {lab.kubeconfig} -n {report.namespace}"
    lines = (
        "",
        "The lab stays up until Ctrl-C. In another terminal:",
        f"  {kubectl} get deployments,pods",
        f"  {kubectl} events",
        f"  {_IMAGES[wanted.method].format(kubectl=kubectl, registry=lab.registry)}",
    )
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
