"""`ApiServer`: the Kubernetes API as a value. It opens no port; the lab serves `app()` over HTTPS.

    server = ApiServer(Store.open(None), clock)
    server.tokens.add("secret", UserInfo("kubeadmin", groups=("system:cluster-admins",)))
    api = server.client(UserInfo("system:kube-scheduler"))      # kube.api.Api, in process
    server.kubelets["crc"] = kubelet                            # who has the logs of the pods on node crc
    runner = web.AppRunner(server.app(), **app.RUNNER_OPTIONS)  # of apiserver.http
    await server.run()                                          # housekeeping, until cancelled

Both ways in take the same path: authorization, admission, defaulting, validation, the handler (`requests`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from aiohttp import web

from pullscope.apiserver import housekeeping
from pullscope.apiserver.admission.chain import Admission
from pullscope.apiserver.authentication.account_tokens import AccountTokens
from pullscope.apiserver.authentication.authenticator import Authenticator
from pullscope.apiserver.authentication.tokens import Tokens
from pullscope.apiserver.authorization import ANONYMOUS, MASTERS
from pullscope.apiserver.client import Client
from pullscope.apiserver.discovery import Discovery
from pullscope.apiserver.endpoints import Endpoints
from pullscope.apiserver.http import app as http
from pullscope.apiserver.http.meters import Meters
from pullscope.apiserver.http.site import Site
from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.oauth.people import People, Person
from pullscope.apiserver.oauth.server import OAuthServer
from pullscope.apiserver.oauth.tokens import AccessTokens
from pullscope.apiserver.rbac.authorizer import RbacAuthorizer
from pullscope.apiserver.rbac.index import Index
from pullscope.apiserver.requests import Requests
from pullscope.apiserver.resources.all_kinds import ALL, READ_ONLY, REVIEWS, VIEWS
from pullscope.apiserver.services import Imaging, Services
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import Clock
from pullscope.kube import accounts
from pullscope.kube.api import Api, Kubelet, UserInfo

_SYSTEM_NAMESPACES = ("kube-system", "openshift-image-registry")


@dataclass(frozen=True)
class Logins:
    """Who can log in with a password, and the names (hosts and addresses) that this server has for clients."""

    people: Collection[Person] = ()
    hosts: Collection[str] = ("127.0.0.1", "::1", "localhost")


class ApiServer:
    """The server. `tokens` says who may come in over HTTP, `kubelets` who answers for the pods of a node.

    `always_pull_images` switches the admission plugin AlwaysPullImages on. `signing_key` signs service accounts' tokens: a
    private key on P-256, PEM; without one these tokens end with the server.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        kinds: Iterable[Kind] = (*ALL, *REVIEWS, *VIEWS, *READ_ONLY),
        always_pull_images: bool = False,
        signing_key: bytes | None = None,
        imaging: Imaging = Imaging(),  # noqa: B008 (it is a value)
        logins: Logins = Logins(),
    ) -> None:
        self.tokens = Tokens()
        self.kubelets: dict[str, Kubelet] = {}
        people = People(logins.people)
        accounts = AccountTokens(store, clock, signing_key)
        authenticator = Authenticator(self.tokens, AccessTokens(store, clock, people), accounts)
        self._services = Services(store, clock, RbacAuthorizer(Index(store)), authenticator, self.kubelets, imaging)
        self._oauth = OAuthServer(self._services, people, logins.hosts)
        self._kinds = tuple(kinds)
        self._endpoints = Endpoints(self._kinds, self._services)
        admission = Admission(self._services, always_pull_images=always_pull_images)
        self._requests = Requests(admission, self._services)

    def client(self, user: UserInfo) -> Api:
        """The API in process, as `user`.

        Parts of the cluster (`system:kube-scheduler`, nodes, controllers) may do everything, as the server's own loopback
        connection may upstream: they are one process with it. Whoever has their names elsewhere has what roles give them.
        """
        if _is_component(user):
            user = replace(user, groups=(*user.groups, MASTERS))
        return Client(user, self._endpoints, self._requests)

    def bearer(self, token: str) -> Api:
        """The API in process, as whoever holds the token, with what roles give them and no more. Raises ApiError 401."""
        user = self._services.authenticator.user(f"Bearer {token}")
        return Client(user, self._endpoints, self._requests)

    def app(self) -> web.Application:
        """The API over HTTP. Serve it with `web.AppRunner(server.app(), **http.app.RUNNER_OPTIONS)`."""
        clock, discovery = self._services.clock, Discovery(self._endpoints)
        meters = Meters(clock, self._endpoints, self._services.store)
        served = (self._services, self._endpoints, self._requests, self._oauth)
        site = Site(clock, *served, discovery, meters, clock.now())
        return http.create(site)

    async def run(self) -> None:
        """Housekeeping: bookmarks for watches, the end of old events. Works until cancelled."""
        await housekeeping.run(self._kinds, self._services)


def _is_component(user: UserInfo) -> bool:
    account = accounts.split(user.username)
    if account is not None:
        return account[0] in _SYSTEM_NAMESPACES
    return user.username.startswith("system:") and user.username != ANONYMOUS.username
