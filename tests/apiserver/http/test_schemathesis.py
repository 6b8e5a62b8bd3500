"""schemathesis reads the served OpenAPI and makes up requests from it: whatever they are, nothing breaks.

A run tries a few operations of one document, others each time; `--hypothesis-profile=thorough` tries all of them, with many examples.
"""

import asyncio
import importlib
import random
from typing import Any, TypeVar

import hypothesis
import pytest
from tests.apiserver.support import ADMIN, TOKEN, Http
from tests.apiserver.test_hostile import FULL

from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer
from pullscope.base.clock import SystemClock

THOROUGH = hypothesis.settings().max_examples > 100
DOCUMENTS, OPERATIONS, EXAMPLES = (100, 1000, 25) if THOROUGH else (1, 8, 1)
WATCH_SECONDS = 1
T = TypeVar("T")


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
async def objects(server: ApiServer) -> None:
    """One of each kind, called `web`."""
    api = server.client(ADMIN)
    for kind in ALL:
        if kind.resource.kind != "Image":  # they are called after their digests
            namespace = "demo" if kind.resource.namespaced else None
            body = FULL[kind.resource.kind]
            await api.create(kind.resource, namespace, {**body, "metadata": {**body["metadata"], "name": "web"}})


class Judge:
    """Sends made-up requests from a thread: schemathesis knows no event loop."""

    def __init__(self, url: str) -> None:
        self._schemathesis: Any = importlib.import_module("schemathesis")
        self._url = url
        self._session: Any = importlib.import_module("requests").Session()
        self._session.headers["Authorization"] = f"Bearer {TOKEN}"

    def run(self) -> None:
        places = self._session.get(f"{self._url}/openapi/v3").json()["paths"]
        for place in _some(sorted(places), DOCUMENTS):
            document = self._session.get(self._url + places[place]["serverRelativeURL"]).json()
            operations = [found.ok() for found in self._schemathesis.openapi.from_dict(document).get_all_operations()]
            for operation in _some(operations, OPERATIONS):
                self._try(operation)

    def _try(self, operation: Any) -> None:
        @hypothesis.settings(
            max_examples=EXAMPLES,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=[*hypothesis.HealthCheck],
        )
        @hypothesis.given(case=operation.as_strategy(), there=hypothesis.strategies.integers(0, 3))
        def attempt(case: Any, there: int) -> None:
            self._ask(case, there=bool(there))

        attempt()

    def _ask(self, case: Any, *, there: bool) -> None:
        """Send a request: mostly about what is there."""
        if there:
            known = {"namespace": "demo", "name": "web"}
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
            if isinstance(case.body, dict) and isinstance(case.body.get("metadata"), dict):
                case.body["metadata"] |= {"name": "web"}
        case.query = {**(case.query or {}), "timeoutSeconds": WATCH_SECONDS}
        response = case.call(base_url=self._url, session=self._session, timeout=20)
        assert response.status_code < 500 or response.status_code == 504, (case.operation.label, response.text)


def _some(what: list[T], count: int) -> list[T]:
    return random.sample(what, min(count, len(what)))


async def test_nothing_that_the_documents_allow_breaks_the_server(wire: Http, objects: None) -> None:
    await asyncio.to_thread(Judge(wire.url).run)
