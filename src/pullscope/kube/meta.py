"""What all objects share: times, owners, conditions, generated names, the hash of a pod template.

Nothing here reads a clock or makes randomness: `now` and random indices are the caller's. Upstream: k8s.io/apimachinery
v0.36 pkg/apis/meta/v1 (controller_ref.go, time.go, conditions), pkg/util/rand, and k8s.io/apiserver
pkg/storage/names/generate.go.

Difference from upstream: the pod-template-hash is taken of the template's canonical JSON. Upstream hashes the text that
a Go library prints of its in-memory struct, which cannot be reproduced from outside; alphabet and length are the same.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]

# Upstream's letters for generated parts: no vowels, so that no words come out, and nothing that looks alike.
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX = 5
_BASE_MAX = 63 - _SUFFIX


def timestamp(when: datetime) -> str:
    """metav1.Time: RFC 3339, UTC, whole seconds (rounded down)."""
    return f"{when.astimezone(UTC).isoformat(timespec='seconds')[:-6]}Z"


def micro_timestamp(when: datetime) -> str:
    """metav1.MicroTime: RFC 3339, UTC, always six digits after the second."""
    return f"{when.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def parse_time(text: str) -> datetime:
    """The moment an RFC 3339 text names, any offset, any number of decimals. Raises ValueError."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"{text}: an RFC 3339 time names its offset")
    return when


def owner_reference(owner: Object, *, controller: bool = True) -> Object:
    """The reference that an object made for `owner` carries; a controller's also blocks foreground deletion."""
    metadata = owner["metadata"]
    reference: Object = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    reference |= {"name": metadata["name"], "uid": metadata["uid"]}
    return {**reference, "controller": True, "blockOwnerDeletion": True} if controller else reference


def owners(obj: Object) -> list[Object]:
    """All owner references of the object."""
    references: list[Object] = obj["metadata"].get("ownerReferences") or []
    return references


def controller_of(obj: Object) -> Object | None:
    """The owner reference of the object's controller, or None: at most one has `controller: true`."""
    return next((reference for reference in owners(obj) if reference.get("controller")), None)


def is_controlled_by(obj: Object, owner: Object) -> bool:
    """Whether `owner` (by its uid) is the object's controller."""
    reference = controller_of(obj)
    return reference is not None and bool(reference["uid"] == owner["metadata"]["uid"])


def get_condition(conditions: Sequence[Object] | None, type: str) -> Object | None:  # noqa: A002 (the field's own word)
    """The condition of that type, or None."""
    return next((condition for condition in conditions or () if condition["type"] == type), None)


def set_condition(conditions: Sequence[Object] | None, condition: Object, now: str) -> list[Object]:
    """The list with `condition` put in the place of its type (or at the end); the arguments stay as they are.

    `lastTransitionTime` becomes `now` when the status changes or the type is new, and stays as it was otherwise.
    """
    old = get_condition(conditions, condition["type"])
    kept = old is not None and old["status"] == condition["status"]
    moment = old.get("lastTransitionTime", now) if old is not None and kept else now
    new = {**condition, "lastTransitionTime": moment}
    others = list(conditions or ())
    return [*others, new] if old is None else [new if each is old else each for each in others]


def generate_name(prefix: str, pick: Callable[[int], int]) -> str:
    """A name made of `generateName` and five letters; `pick(n)` gives a random index below n for each of them."""
    return prefix[:_BASE_MAX] + "".join(ALPHABET[pick(len(ALPHABET))] for _ in range(_SUFFIX))


def template_hash(template: Object, collision_count: int | None = None) -> str:
    """The pod-template-hash of a pod template, eight to ten letters; `collision_count` gives another one.

    Stable under the order of keys. See the module's docstring for how it differs from upstream's.
    """
    text = json.dumps(template, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data = text.encode("utf-8", "surrogatepass")
    if collision_count is not None:
        data += (collision_count & 0xFFFFFFFF).to_bytes(8, "little")
    return safe_encode(str(fnv1a_32(data)))


def safe_encode(text: str) -> str:
    """Each character replaced by one of `ALPHABET`: rand.SafeEncodeString."""
    return "".join(ALPHABET[ord(character) % len(ALPHABET)] for character in text)


def fnv1a_32(data: bytes) -> int:
    """The hash that Go's hash/fnv calls New32a."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value
