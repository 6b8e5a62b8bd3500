"""Which requests a registry answered: evidence, since an event alone cannot prove that anything was downloaded.

The newest records are kept in a ring and served as JSON at `GET /_pullscope/requests`. A record is made when the
request is over, and `seq` counts on by one for each, so that `since=<seq>` gives what came after a known one.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

PATH = "/_pullscope/requests"
SCHEMA = "pullscope.requests/v1"

# The status of requests whose client went away before the answer (nginx's number for it).
CLIENT_CLOSED_REQUEST = 499

LONGEST = 512  # characters kept of a text that a client chooses

_KEPT = 10_000


@dataclass(frozen=True)
class Record:
    """One request. `kind` is `routes.Kind` or `other`; `reference` a tag or digest, `digest` what was served or stored.

    Whoever makes one cuts texts of the client's choice to `LONGEST`, so that the ring stays small.
    `bytes` counts what was sent of the answer's body: a `HEAD` and a `304` send none, a broken-off download a part.
    """

    time: datetime
    method: str
    path: str
    kind: str
    repository: str
    reference: str
    digest: str
    status: int
    bytes: int
    user_agent: str
    remote: str
    seq: int = 0

    def as_json(self) -> dict[str, Any]:
        """The record with its time as RFC 3339, UTC, microseconds."""
        return {"seq": self.seq} | vars(self) | {"time": self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


class AccessLog:
    """The newest 10,000 records."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT)

    def add(self, record: Record) -> None:
        """Append a record, under the next number."""
        self._records.append(replace(record, seq=self.last + 1))

    def records(self, *, repository: str = "", since: int = 0) -> list[Record]:
        """Records after number `since`, of one repository or (empty) of all, oldest first."""
        return [
            record for record in self._records if record.seq > since and repository in ("", record.repository)
        ]  # fmt: skip

    @property
    def last(self) -> int:
        """The number of the newest record; 0 when there is none."""
        return self._records[-1].seq if self._records else 0

    def as_json(self, *, repository: str = "", since: int = 0) -> dict[str, Any]:
        """The document that `PATH` serves."""
        found = self.records(repository=repository, since=since)
        return {"schema": SCHEMA, "last": self.last, "requests": [record.as_json() for record in found]}
