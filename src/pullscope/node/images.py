"""Make sure that a container's image is there: ask, decide, pull, remember, and say so in events.

Upstream: EnsureImageExists, pkg/kubelet/images/image_manager.go, Kubernetes v1.36. The decisions are `pull.policy`'s; this
module gathers their facts and carries them out, and `pulling` pulls. A pull that waits for its turn has told of itself before.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from pullscope.base.clock import Clock
from pullscope.cri.api import CriError, Image, ImageService
from pullscope.kube.events import Note
from pullscope.node.kubeletconfig import DEFAULT, KubeletConfig
from pullscope.node.meters import Meters
from pullscope.node.pulling import Pulled, Puller
from pullscope.node.records import Records
from pullscope.oci import reference
from pullscope.oci.reference import Reference
from pullscope.pull import flow, keyring, policy, reasons
from pullscope.pull.access import Allowed, Exempt, Unreadable
from pullscope.pull.backoff import Backoff
from pullscope.pull.keyring import Credential, Keyring, KeyringError
from pullscope.pull.policy import Facts, PullPolicy

Say = Callable[[Note], Awaitable[None]]
"""Writes one event about the container."""

Outcome = policy.UseLocal | policy.UsePulled | policy.Refuse

Offered = Sequence[Credential] | Unreadable
"""The credentials to try, in this order, or why there is no telling."""


@dataclass(frozen=True)
class Request:
    """One container's image: `image` and `pull_policy` as the pod says, its pull secrets as objects.

    `own` are the node's own credentials, which every pod may use, after those of its secrets.
    """

    pod_uid: str
    image: str
    pull_policy: PullPolicy
    secrets: Sequence[Mapping[str, Any]] = ()
    own: Keyring = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Of the back-off: a new pod starts afresh."""
        return f"{self.pod_uid}_{self.image}"


class ImageManager:
    """Pulls images for pods. `on_change` is called when the node's images may have changed; `meters` count."""

    def __init__(
        self,
        service: ImageService,
        records: Records,
        clock: Clock,
        on_change: Callable[[], None],
        meters: Meters,
        config: KubeletConfig = DEFAULT,
    ) -> None:
        self._config = config
        self._puller = Puller(service, records, clock, config)
        self._service = service
        self._meters = meters
        self._records = records
        self._clock = clock
        self._on_change = on_change
        self._backoff = Backoff()
        self._last_errors: dict[str, str] = {}
        self._held: set[str] = set()

    def executable(self, image_id: str) -> bool:
        """Whether programs run in containers of that image; one that was not looked at counts as such."""
        return image_id not in self._held

    async def ensure_image_exists(self, request: Request, say: Say) -> Outcome:
        """The image to run, or the refusal with its waiting reason and message. Raises nothing of the runtime's."""
        try:
            image = reference.parse(request.image).with_default_tag()
        except reference.InvalidReferenceError as error:
            facts = Facts(request.image, request.pull_policy, name_error=str(error), version=self._config.version)
            self._meters.ensured(facts)
            refused = policy.decide(facts)
            assert isinstance(refused, policy.Refuse)
            await say(refused.note)
            return refused
        return await self._ensure(request, image, _offered(request, image), say)

    async def _ensure(self, request: Request, image: Reference, offered: Offered, say: Say) -> Outcome:
        local = await self._look(request, image, offered) if request.pull_policy != "Always" else policy.Absent()
        if isinstance(local, Unreadable):
            return _unreadable(local)
        facts = self._facts(request, local)
        self._meters.ensured(facts)
        decision = policy.decide(facts)
        if isinstance(offered, Unreadable):
            if flow.BACK_OFF in decision.path:  # it would be pulled, now or later
                return _unreadable(offered)
            offered = ()
        await say(decision.note)
        match decision:
            case policy.Pull():
                return await self._pull(decision, request, image, offered, say)
            case policy.UseLocal() | policy.Refuse():
                return decision
            case _:
                assert_never(decision)

    def _facts(self, request: Request, local: policy.Local) -> Facts:
        waiting = self._backoff.waiting_since_update(request.key, self._clock.now())
        back_off = policy.BackingOff(self._last_errors.get(request.key)) if waiting else None
        version = self._config.version
        return Facts(request.image, request.pull_policy, local=local, back_off=back_off, version=version)

    async def _look(self, request: Request, image: Reference, offered: Offered) -> policy.Local | Unreadable:
        try:
            found = await self._service.image_status(str(image))
        except CriError as error:
            return policy.InspectFailed(error.framed)
        if found is None:
            return policy.Absent()
        self._look_at(found)
        if not self._config.checks_credentials:
            return policy.Present(found.id)
        verdict = await self._records.verify(request.image, found.id, image.name, offered)
        if isinstance(verdict, Unreadable):
            return verdict
        return policy.Present(found.id, accessible=isinstance(verdict, Allowed | Exempt))

    async def _pull(
        self, decision: policy.Pull, request: Request, image: Reference, offered: Sequence[Credential], say: Say
    ) -> policy.UsePulled | policy.Refuse:
        self._last_errors.pop(request.key, None)
        pulled = await self._puller.pull(request.image, image, offered)
        outcome = pulled if isinstance(pulled, policy.NotDelivered) else await self._delivered(pulled)
        concluded = policy.conclude(decision, request.image, outcome)
        await say(concluded.note)
        now = self._clock.now()
        self._backoff.forget_expired(now)
        self._last_errors = {key: text for key, text in self._last_errors.items() if self._backoff.window(key)}
        if isinstance(outcome, policy.Delivered):
            self._meters.pulled(outcome)
        if isinstance(concluded, policy.Refuse):
            self._backoff.next(request.key, now, now)
            self._last_errors[request.key] = f"{concluded.reason}: {concluded.message}"
        return concluded

    async def _delivered(self, pulled: Pulled) -> policy.Delivered:
        self._on_change()
        try:
            found = await self._service.image_status(pulled.image_id)
        except CriError:
            # As upstream: the size is only told, and the image is there.
            found = None
        if found is not None:
            self._look_at(found)
        return policy.Delivered(pulled.image_id, found.size if found else 0, pulled.pull, pulled.waiting)

    def _look_at(self, image: Image) -> None:
        if not image.executable:
            self._held.add(image.id)


def _offered(request: Request, image: Reference) -> Offered:
    """Those of the pod's secrets, then the node's own: each keyring is asked by itself (UnionDockerKeyring)."""
    try:
        found = keyring.lookup(keyring.make(request.secrets), image.name)
    except KeyringError as error:
        return Unreadable(str(error))
    return (*found, *keyring.lookup(request.own, image.name))


def _unreadable(why: Unreadable) -> policy.Refuse:
    """Upstream returns the error's own text as reason and message, and no event of its own."""
    return policy.Refuse(why.error, why.error, reasons.sync_failed(why.error), ())
