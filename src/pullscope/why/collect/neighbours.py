"""What bears on containers that are not there yet: the secrets their pods would get, and who runs their images already.

Who runs an image tells with whose credentials a node got it. Upstream: plugin/pkg/admission/serviceaccount/admission.go,
Kubernetes v1.36: a pod that names no pull secrets gets those of its service account.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pullscope.kube import resources
from pullscope.oci import reference as references
from pullscope.oci.reference import InvalidReferenceError
from pullscope.why.collect import containers, events, listing, shapes
from pullscope.why.collect.ledger import REFUSED, Ledger
from pullscope.why.collect.listing import Reader
from pullscope.why.collect.workloads import Workloads
from pullscope.why.facts import Container

Account = tuple[str, str]


async def admitted(cluster: Reader, planned: tuple[Container, ...], ledger: Ledger) -> tuple[Container, ...]:
    """The same with the pull secrets that admission gives their pods."""
    accounts = sorted({_account(each) for each in planned if not each.pull_secrets})
    found = dict(
        zip(accounts, await asyncio.gather(*(_secrets(cluster, *each, ledger) for each in accounts)), strict=True)
    )
    return tuple(replace(each, pull_secrets=each.pull_secrets or found[_account(each)]) for each in planned)


async def read(cluster: Reader, planned: tuple[Container, ...], ledger: Ledger) -> tuple[Container, ...]:
    """The containers that run images of the same repositories: in all namespaces, or in those of the planned ones."""
    wanted = frozenset(_repositories(planned))
    if not wanted:
        return ()
    try:
        return await _running(cluster, None, wanted, ledger)
    except REFUSED as error:
        ledger.note("pods", error, where="of all namespaces")
    found: list[Container] = []
    for namespace in sorted({each.namespace for each in planned}):
        try:
            found += await _running(cluster, namespace, wanted, ledger)
        except REFUSED as error:
            ledger.note("pods", error, where=f"in namespace {namespace}")
    return tuple(found)


async def _running(
    cluster: Reader, namespace: str | None, wanted: frozenset[str], ledger: Ledger
) -> tuple[Container, ...]:
    found: list[containers.Seen] = []
    async for page in listing.pages(cluster, resources.PODS, namespace, shapes.Pod):
        found += [containers.seen(pod) for pod in page if containers.runs(pod) and _of_these(pod, wanted)]
    told = (
        await events.read(cluster, namespace, frozenset(each.metadata.uid for each in found), ledger) if found else {}
    )
    every = (each for pod in found for each in containers.of(pod, Workloads(), told))
    return tuple(each for each in every if each.image_id and _repository(each.image) in wanted)


def _of_these(pod: shapes.Pod, wanted: frozenset[str]) -> bool:
    spec = pod.spec
    lists = (spec.containers, spec.init_containers, spec.ephemeral_containers)
    return any(_repository(each.image) in wanted for those in lists for each in those or ())


async def _secrets(cluster: Reader, namespace: str, name: str, ledger: Ledger) -> tuple[str, ...]:
    try:
        account = await listing.one(cluster, resources.SERVICE_ACCOUNTS, namespace, name, shapes.ServiceAccount)
    except REFUSED as error:
        ledger.note("service accounts", error, where=f"in namespace {namespace}")
        return ()
    return tuple(each.name for each in account.image_pull_secrets or () if each.name)


def _account(container: Container) -> Account:
    return container.namespace, container.service_account


def _repositories(planned: Iterable[Container]) -> Iterator[str]:
    yield from filter(None, (_repository(each.image) for each in planned))


def _repository(image: str) -> str:
    try:
        return references.parse(image).name
    except InvalidReferenceError:
        return ""
