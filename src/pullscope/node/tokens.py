"""Service account tokens for pods, asked of the API and kept while they are fresh.

A token is asked for anew when four fifths of its life are over, or after a day. Upstream: kubernetes v1.36
pkg/kubelet/token/token_manager.go, which also spreads this over ten seconds.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pullscope.base.clock import Clock
from pullscope.kube import meta, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError
from pullscope.node.projection import VolumeError

# A node with more pods asks more often; each token takes a kilobyte.
KEPT_MAX = 1024
_OLD = timedelta(hours=24)
_FRESH = 0.8


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    refresh: datetime
    expires: datetime


@dataclass(frozen=True)
class ApiTokens:
    """Implements `projection.Tokens` over the TokenRequest API."""

    api: Api
    clock: Clock
    _kept: OrderedDict[tuple[str, str | None, int], _Kept] = field(default_factory=OrderedDict)

    async def token(self, pod: Object, audience: str | None, expiration_seconds: int) -> str:
        """A token of the pod's account, bound to the pod. Raises VolumeError when there is none to be had."""
        place = (pod["metadata"]["uid"], audience, expiration_seconds)
        now, kept = self.clock.now(), self._kept.get(place)
        if kept is not None and now < kept.refresh:
            return kept.token
        try:
            answer = await self._request(pod, audience, expiration_seconds)
        except ApiError as error:
            if kept is not None and now < kept.expires:
                return kept.token
            raise VolumeError(f"failed to fetch token: {error}") from error
        return self._keep(place, answer, now)

    async def _request(self, pod: Object, audience: str | None, seconds: int) -> Object:
        metadata = pod["metadata"]
        reference = {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}
        spec: Object = {"expirationSeconds": seconds, "boundObjectRef": reference}
        if audience:
            spec["audiences"] = [audience]
        body = {"metadata": {"name": pod["spec"].get("serviceAccountName", "")}, "spec": spec}
        return await self.api.create(resources.SERVICE_ACCOUNTS, metadata["namespace"], body, subresource="token")

    def _keep(self, place: tuple[str, str | None, int], answer: Object, now: datetime) -> str:
        token: str = answer["status"]["token"]
        expires = meta.parse_time(answer["status"]["expirationTimestamp"])
        refresh = min(now + (expires - now) * _FRESH, now + _OLD)
        self._kept[place] = _Kept(token, refresh, expires)
        self._kept.move_to_end(place)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return token
