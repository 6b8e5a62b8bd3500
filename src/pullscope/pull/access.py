"""May this pod use the copy that is there? The kubelet's credential re-verification (KEP-2535), as decisions on values.

Since Kubernetes 1.35 the kubelet remembers for each image that it pulled which credentials delivered it, in a
`PulledRecord` under the image's id, and of a pull under way that it was begun. `verification` says which images are free
for all pods (by default those that the kubelet did not pull); the others are free for the pods of whose credentials the
record knows. Else the pod must pull.

Upstream, v1.36: pkg/kubelet/images/pullmanager/image_pull_manager.go (MustAttemptImagePull, writePulledRecordIfChanged,
pulledRecordMergeNewCreds). Images are named without tag and digest. Keeping records is `node.records`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pullscope.pull.keyring import Credential
from pullscope.pull.verification import PRELOADED, Verification

_REMEMBERED_WHILE_MATCHING = 100  # writeRecordWhileMatchingLimit


@dataclass(frozen=True, order=True)
class SecretRecord:
    """kubelet.config.k8s.io ImagePullSecret: whose secret delivered an image, and a hash of what was in it."""

    namespace: str
    name: str
    uid: str
    credential_hash: str

    @property
    def coordinates(self) -> tuple[str, str, str]:
        return self.namespace, self.name, self.uid


@dataclass(frozen=True)
class Credentials:
    """kubelet.config.k8s.io ImagePullCredentials: anyone on the node, or the pods with one of these secrets."""

    node_pods_accessible: bool = False
    secrets: tuple[SecretRecord, ...] = ()


@dataclass(frozen=True)
class PulledRecord:
    """kubelet.config.k8s.io ImagePulledRecord: what delivered the image of that id, by image name."""

    image_ref: str
    credentials: Mapping[str, Credentials] = field(default_factory=dict)


def recorded(used: Credential | None) -> Credentials:
    """What a successful pull with that credential (None: without any) leaves in the record."""
    if used is None or used.source is None:
        return Credentials(node_pods_accessible=True)
    return Credentials(secrets=(_record(used),))


def _record(credential: Credential) -> SecretRecord:
    if credential.source is None:
        raise ValueError("a credential of the node itself is not recorded")
    source = credential.source
    return SecretRecord(source.namespace, source.name, source.uid, credential.hash)


@dataclass(frozen=True)
class Allowed:
    """Use it. `remember` is what the record should know too: the same credential in another secret, or a rotated one."""

    remember: Credentials | None = None


@dataclass(frozen=True)
class Exempt:
    """Use it: the policy does not ask for credentials, whoever pulled it."""


@dataclass(frozen=True)
class MustPull:
    """The registry has to be asked whether this pod may have it."""


@dataclass(frozen=True)
class Unreadable:
    """The pod's pull secrets would decide, and one cannot be read; `error` says why, in upstream's words."""

    error: str


Verdict = Allowed | Exempt | MustPull | Unreadable


@dataclass(frozen=True)
class Wanted:
    """An image that is there and a pod wants: `image` as the pod writes it, `name` without tag and digest.

    `offered` are the pod's credentials for it, which are looked at last; `intended`: a pull intent exists.
    """

    image: str
    name: str
    offered: Sequence[Credential] | Unreadable
    intended: bool = False


def verify(record: PulledRecord | None, wanted: Wanted, policy: Verification = PRELOADED) -> Verdict:
    """Whether the pod may use it. `record`: what is known of who pulled it, under whatever name."""
    if not policy.required(wanted.image, pulled_by_kubelet=record is not None or wanted.intended):
        return Exempt()
    known = record.credentials.get(wanted.name) if record else None
    if known is None:
        return MustPull()
    if known.node_pods_accessible:
        return Allowed()
    if not known.secrets:
        return MustPull()
    if isinstance(wanted.offered, Unreadable):
        return wanted.offered
    return _compare(known, [_record(credential) for credential in wanted.offered if credential.source is not None])


def _compare(known: Credentials, offered: Sequence[SecretRecord]) -> Allowed | MustPull:
    """The same credential will do, from whatever secret, and so will the same secret, whatever is in it now."""
    room = len(known.secrets) < _REMEMBERED_WHILE_MATCHING
    for mine in offered:
        for theirs in known.secrets:
            same_hash = mine.credential_hash == theirs.credential_hash
            same_secret = mine.coordinates == theirs.coordinates
            if same_hash or (same_secret and room):
                new = room and not (same_hash and same_secret)
                return Allowed(Credentials(secrets=(mine,)) if new else None)
    return MustPull()


def merged(record: PulledRecord | None, image_ref: str, name: str, new: Credentials | None) -> PulledRecord:
    """The record after `new` is known too; the same record when it says nothing new.

    `new` is None for an image whose pull ended unseen: it counts as pulled, but no credential is known to be good.
    """
    if record is None:
        return PulledRecord(image_ref, {name: new} if new else {})
    if new is None or new == Credentials():
        return record
    known = record.credentials.get(name)
    joined = _joined(known, new) if known else new
    return record if joined == known else replace(record, credentials={**record.credentials, name: joined})


def _joined(known: Credentials, new: Credentials) -> Credentials:
    if known.node_pods_accessible:
        return known
    if new.node_pods_accessible:
        return Credentials(node_pods_accessible=True)
    by_secret = {secret.coordinates: secret for secret in (*known.secrets, *new.secrets)}
    return replace(known, secrets=tuple(sorted(by_secret.values())))
