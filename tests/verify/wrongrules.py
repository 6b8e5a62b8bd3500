"""Wrong rules: what kubelet and API server may take for upstream's, planted in place of the lab's own for the time of a test.

Most have no seam; each is a function or property that the lab asks, and another one takes its place. See `lies`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.verify.lies import Plant

from pullscope.apiserver.admission import always_pull_images, service_accounts
from pullscope.kube.api import Object
from pullscope.kube.events import Note
from pullscope.lab.config import Seams
from pullscope.node.images import ImageManager, Outcome, Request, Say
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.pull import access, keyring, policy, reasons
from pullscope.pull.access import Credentials, PulledRecord
from pullscope.pull.backoff import Backoff
from pullscope.pull.keyring import Credential, Keyring
from pullscope.pull.policy import PullPolicy, Refuse
from pullscope.pull.verification import Verification


def replacing(owner: Any, name: str, lie: Any) -> Plant:
    """Another one in place of a function or property."""

    def plant(patch: pytest.MonkeyPatch) -> Seams:
        patch.setattr(owner, name, lie)
        return Seams()

    return plant


# -------------------------------------------------------------------------------------------- when a kubelet pulls


def takes_policy(kept: Sequence[PullPolicy], taken_for: PullPolicy) -> Plant:
    """The kubelet takes every policy that is none of those for another one."""
    real = ImageManager.ensure_image_exists

    async def lie(self: ImageManager, request: Request, say: Say) -> Outcome:
        if request.pull_policy not in kept:
            request = replace(request, pull_policy=taken_for)
        return await real(self, request, say)

    return replacing(ImageManager, "ensure_image_exists", lie)


def a_restart_keeps_the_image() -> Plant:
    """The kubelet looks for an image once for each pod."""
    real, kept = ImageManager.ensure_image_exists, dict[str, Outcome]()

    async def lie(self: ImageManager, request: Request, say: Say) -> Outcome:
        if request.key not in kept:
            outcome = await real(self, request, say)
            if isinstance(outcome, Refuse):
                return outcome
            kept[request.key] = outcome
        return kept[request.key]

    return replacing(ImageManager, "ensure_image_exists", lie)


def a_failed_pull_is_never_tried_again() -> Plant:
    def lie(self: Backoff, key: str, _: datetime) -> bool:
        return bool(self.window(key))

    return replacing(Backoff, "waiting_since_update", lie)


# ----------------------------------------------------------------------------------------------- whose credentials


def nobody_has_credentials() -> Plant:
    return replacing(keyring, "lookup", lambda *_: ())


def every_entry_is_for_every_image() -> Plant:
    def lie(ring: Keyring, _: str) -> tuple[Credential, ...]:
        return tuple(credential for those in ring.values() for credential in those)

    return replacing(keyring, "lookup", lie)


def the_first_entry_alone_is_tried() -> Plant:
    real = keyring.lookup
    return replacing(keyring, "lookup", lambda ring, name: real(ring, name)[:1])


def keys_are_registries() -> Plant:
    """Neither globs nor paths."""
    return replacing(keyring, "lookup", lambda ring, name: ring.get(name.partition("/")[0], ()))


def missing_secrets_are_not_told_of() -> Plant:
    return replacing(reasons, "secrets_not_found", lambda _: Note("Normal", "Pulling", "all is well"))


def secrets_of_accounts_are_added() -> Plant:
    """To those that the pod names."""
    real = service_accounts.inject

    def lie(pod: Object, account: Object, suffix: str) -> None:
        real(pod, account, suffix)
        named = pod["spec"].setdefault("imagePullSecrets", [])
        named += [each for each in account.get("imagePullSecrets") or () if each not in named]

    return replacing(service_accounts, "inject", lie)


# ------------------------------------------------------------------------------------- who may use what is on a node


def access_is(verdict: access.Verdict) -> Plant:
    """Whether a pod may use what is there depends on nothing."""
    return replacing(access, "verify", lambda *_: verdict)


def every_image_is_verified(*, verified: bool) -> Plant:
    """Whatever imagePullCredentialsVerificationPolicy says."""
    return replacing(Verification, "required", lambda *_, **__: verified)


def old_kubelets_ask_for_credentials() -> Plant:
    return replacing(KubeletConfig, "checks_credentials", property(lambda _: True))


def secrets_are_known_by_their_names() -> Plant:
    """What is in them does not count."""
    return replacing(Credential, "hash", property(lambda self: f"{self.source}"))


def pulled_without_credentials_is_nobodys() -> Plant:
    real = access.recorded
    return replacing(access, "recorded", lambda used: real(used) if used else Credentials())


def whoever_pulled_it_is_for_all() -> Plant:
    return replacing(access, "recorded", lambda _: Credentials(node_pods_accessible=True))


def nothing_is_learned() -> Plant:
    """A record stays as it was first written."""
    real = access.merged

    def lie(record: PulledRecord | None, image_ref: str, name: str, new: Credentials | None) -> PulledRecord:
        return record or real(record, image_ref, name, new)

    return replacing(access, "merged", lie)


# ------------------------------------------------------------------------------------------ what an API server makes


def every_policy_is(wanted: PullPolicy) -> Plant:
    """The default does not depend on the image's name."""
    return replacing(policy, "default", lambda _: wanted)


def the_plugin_does_nothing() -> Plant:
    """AlwaysPullImages."""
    return replacing(always_pull_images, "enforce", lambda _: None)
