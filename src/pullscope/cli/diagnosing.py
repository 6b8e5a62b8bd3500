"""See, judge and show for `pullscope why`: once, from a file, or again whenever pods change."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError, UsageError
from pullscope.cli import outputs
from pullscope.clusters import kubeconfig as kubeconfigs
from pullscope.clusters.cluster import Cluster, connect
from pullscope.kube.status import ApiError
from pullscope.pull.flow import Language
from pullscope.reports import terminal
from pullscope.why import judge, report, saving
from pullscope.why.collect import collect, rbac, scope, watching
from pullscope.why.collect.collect import How
from pullscope.why.collect.reaching import Manners
from pullscope.why.collect.recall import Recall
from pullscope.why.collect.scope import Scope
from pullscope.why.facts import Facts
from pullscope.why.findings import Diagnosis
from pullscope.why.report import Form

_CLEAR = "\x1b[2J\x1b[H"  # the screen, and the cursor to its top


@dataclass(frozen=True)
class Wanted:
    """What to do with a diagnosis: its form and language, where it goes, and where the facts are kept besides."""

    form: Form
    language: Language
    output_file: Path | None = None
    save: Path | None = None


@dataclass(frozen=True)
class Chosen:
    """What the user asks about, in the words of the command line."""

    workloads: tuple[str, ...] = ()
    namespace: str = ""
    everywhere: bool = False
    labels: str = ""
    context: str | None = None
    kubeconfig: Path | None = None


def manners(rate: float, insecure: Iterable[str], ca: Path | None) -> Manners:
    """How registries are to be asked."""
    return Manners(rate=rate, insecure=frozenset(insecure), ca=ca)


def print_rbac() -> None:
    """The roles, for `kubectl apply -f -`."""
    sys.stdout.write(rbac.MANIFESTS)


def of_file(path: Path, wanted: Wanted) -> int:
    """Judge saved facts, show what comes of it, and return the exit code."""
    outputs.check(wanted.output_file)
    return _shown(saving.load(path), wanted)


def of_cluster(chosen: Chosen, wanted: Wanted, how: Manners, *, watch: bool) -> int:
    """Look at a cluster, judge, show, and return the exit code; with `watch` again and again, until Ctrl-C."""
    outputs.check(wanted.output_file)
    outputs.check(wanted.save)
    if watch and (wanted.form not in ("table", "wide") or wanted.output_file or wanted.save):
        raise UsageError("--watch draws tables on the terminal: leave --output, --output-file and --save out")
    wider = _scope(chosen)
    return asyncio.run(_watch(chosen, wider, wanted, how) if watch else _once(chosen, wider, wanted, how))


def _scope(chosen: Chosen) -> Scope:
    if chosen.workloads and (chosen.everywhere or chosen.labels):
        raise UsageError("workloads are named, or chosen by -A or -l, not both")
    if chosen.namespace and chosen.everywhere:
        raise UsageError("-n names one namespace, -A means all of them")
    context = kubeconfigs.choose(chosen.kubeconfig, chosen.context)
    namespace = None if chosen.everywhere else chosen.namespace or context.namespace or "default"
    return Scope(namespace, scope.names(chosen.workloads), chosen.labels)


async def _once(chosen: Chosen, asked: Scope, wanted: Wanted, how: Manners) -> int:
    async with connect(chosen.kubeconfig, chosen.context) as cluster:
        with progress() as told:
            facts = await _collected(cluster, asked, How(SystemClock(), how, told))
    return _shown(facts, wanted)


async def _watch(chosen: Chosen, asked: Scope, wanted: Wanted, how: Manners) -> int:
    clock = SystemClock()
    recall = Recall(clock)
    async with connect(chosen.kubeconfig, chosen.context) as cluster:
        while True:
            with progress() as told:
                version = await watching.version(cluster, asked)
                facts = await _collected(cluster, asked, How(clock, how, told, recall=recall))
            if sys.stdout.isatty():
                sys.stdout.write(_CLEAR)
            _shown(facts, wanted)
            await watching.until_worth_it(cluster, asked, version, clock)


async def _collected(cluster: Cluster, asked: Scope, how: How) -> Facts:
    try:
        return await collect.collect(cluster, asked, how)
    except ApiError as error:
        if error.code != 403:
            raise
        hint = "`pullscope why --print-rbac` prints the rights that this takes"
        if asked.namespace is None:
            hint += "; or ask about one namespace with -n"
        raise UnreachableError(f"the API server said: {error.message}", hint=hint) from error


def _shown(facts: Facts, wanted: Wanted) -> int:
    if wanted.save is not None:
        saving.save(facts, wanted.save)
    diagnosis = judge.judge(facts)
    outputs.write(lambda to: report.render(diagnosis, wanted.form, wanted.language, to), wanted.output_file)
    return _exit_code(diagnosis)


def _exit_code(diagnosis: Diagnosis) -> int:
    if diagnosis.stale:
        return 1
    words = {finding.verdict for finding in diagnosis.findings}
    return UnreachableError.exit_code if words == {"unknown"} else 0


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """What is being done, on a line of the terminal that is gone afterwards; nowhere when there is no terminal."""
    console = terminal.console(sys.stderr)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("") as status:
        yield status.update
