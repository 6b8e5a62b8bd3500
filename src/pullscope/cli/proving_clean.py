"""`verify --clean`: remove what runs left in the user's cluster that were killed before they could."""

import asyncio
import sys
from contextlib import AsyncExitStack

from pullscope.base.errors import UsageError
from pullscope.cli import proving_cluster
from pullscope.cli.proving_asked import OPENSHIFT, Asked, repository
from pullscope.kube.status import ApiError
from pullscope.remote import sessions
from pullscope.verify import cleaning
from pullscope.verify.cleaning import Found


def clean(asked: Asked) -> int:
    """List what is there, then remove it. 3 when something could not be."""
    return asyncio.run(cleaned(asked))


async def cleaned(asked: Asked) -> int:
    """The exit code, once it is done. Raises UsageError, UnreachableError."""
    if asked.serve:
        raise UsageError("a served registry is gone with its run: there is nothing to clean in it")
    async with proving_cluster.chosen(asked) as there:
        api, namespace = there.cluster, asked.namespace or there.context.namespace or "default"
        whole = await cleaning.namespaces(api)
        names = {found.name for found in whole}
        inside = [] if namespace in names else await cleaning.in_namespace(api, namespace)
        found = [*inside, *whole]
        for each in found:
            _tell(f"found {each}, of run {each.run}")
        done = [await _removed(there, each) for each in found]
    left = await _untag(asked) if asked.registry not in ("", OPENSHIFT) else []
    if not found and not asked.registry:
        _tell(f"nothing of pullscope's is left in namespace {namespace}")
    return 0 if all(done) and not left else 3


async def _removed(there: proving_cluster.Chosen, found: Found) -> bool:
    try:
        gone = await cleaning.remove(there.cluster, found)
    except ApiError as error:
        sys.stderr.write(f"error: {found}: {error.message}\n")
        return False
    _tell(f"removed {found}" if gone else f"{found} was gone already")
    return True


async def _untag(asked: Asked) -> list[str]:
    """Take the tags of runs away; those that stay."""
    name = repository(asked.registry)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(sessions.opened(asked.way, name.registry))
        client = await sessions.client(session, name, asked.way, sessions.login(name.registry))
        left = []
        async for tag, gone in cleaning.untag(client, name.repository):
            _tell(f"removed tag {name.with_tag(tag)}" if gone else f"the registry does not delete {name.with_tag(tag)}")
            left += [] if gone else [tag]
    return left


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
