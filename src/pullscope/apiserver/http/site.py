"""What the HTTP handlers share: one value, made by `app.create`."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from pullscope.apiserver.discovery import Discovery
from pullscope.apiserver.endpoints import Endpoints
from pullscope.apiserver.http.meters import Meters
from pullscope.apiserver.oauth.server import OAuthServer
from pullscope.apiserver.rendering import Events
from pullscope.apiserver.requests import Requests
from pullscope.apiserver.services import Services
from pullscope.base.clock import Clock


@dataclass(frozen=True)
class Site:
    """`since` is from when on what is served is as it is.

    `streams` are the tasks that answer without end; they are cancelled when the server stops.
    """

    clock: Clock
    services: Services
    endpoints: Endpoints
    requests: Requests
    oauth: OAuthServer
    discovery: Discovery
    meters: Meters
    since: datetime
    events: Events = field(default_factory=Events)
    streams: set[asyncio.Task[object]] = field(default_factory=set)
