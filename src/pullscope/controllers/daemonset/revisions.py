"""The history of a daemon set: a ControllerRevision for each template that it had, numbered.

Upstream: pkg/controller/daemon/update.go (constructHistory, snapshot, cleanupHistory), v1.36. Where upstream merges two
revisions of one template, the older one counts as old here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.controllers.daemonset.pods import HASH
from pullscope.kube import meta, resources
from pullscope.kube.api import Object

R = resources.CONTROLLER_REVISIONS


@dataclass(frozen=True)
class History:
    """`current` is the revision of the template as it is (to be made when `is_new`), `old` are the others.

    `number` is what the current one shall have: a template that comes back is the newest again.
    """

    current: Object
    is_new: bool
    number: int
    old: tuple[Object, ...]

    @property
    def hash(self) -> str:
        return hash_of(self.current)


def history(daemon_set: Object, revisions: Sequence[Object]) -> History:
    """Sort the revisions that the daemon set owns."""
    wanted = patch(daemon_set)
    same = sorted((each for each in revisions if each["data"] == wanted), key=_number)
    current = same[-1] if same else None
    old = tuple(each for each in revisions if each is not current)
    following = max(map(_number, old), default=0) + 1
    if current is None:
        return History(_build(daemon_set, wanted, following), is_new=True, number=following, old=old)
    return History(current, is_new=False, number=max(_number(current), following), old=old)


def hash_of(revision: Object) -> str:
    """What the pods of a revision carry as their label."""
    name: str = revision["metadata"]["name"]
    return (revision["metadata"].get("labels") or {}).get(HASH) or name


def surplus(history: History, limit: int, alive: Collection[str]) -> list[str]:
    """The names of the oldest revisions beyond the limit; those whose hash is `alive` in a pod stay."""
    beyond = len(history.old) - limit
    unused = [each for each in sorted(history.old, key=_number) if hash_of(each) not in alive]
    return [each["metadata"]["name"] for each in unused[: max(beyond, 0)]]


def patch(daemon_set: Object) -> Object:
    """What brings the template back: a strategic merge patch. kubectl compares it byte by byte, so keys are sorted."""
    template = {**daemon_set["spec"]["template"], "$patch": "replace"}
    ordered: Object = _sorted({"spec": {"template": template}})
    return ordered


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _number(revision: Object) -> int:
    return int(revision.get("revision", 0))


def _build(daemon_set: Object, data: Object, number: int) -> Object:
    metadata, template = daemon_set["metadata"], daemon_set["spec"]["template"]
    digest = meta.template_hash(template, (daemon_set.get("status") or {}).get("collisionCount"))
    annotations = metadata.get("annotations")
    return {
        "apiVersion": R.api_version,
        "kind": R.kind,
        "metadata": {
            "name": f"{metadata['name']}-{digest}",
            "namespace": metadata["namespace"],
            "labels": {**(template["metadata"].get("labels") or {}), HASH: digest},
            **({"annotations": annotations} if annotations else {}),
            "ownerReferences": [meta.owner_reference(daemon_set)],
        },
        "data": data,
        "revision": number,
    }
