"""Requests as the real oc sent them, sent again; and what of the recorded answers ours lack.

The files in `tests/data/oc` have one exchange a line, by the command (`run`) that it belongs to, in their order: oc (release
4.22 level) with a stub that answered so that each command ended as it should. The stub's values are its own; what counts is
that the code, the content type, every field, every field's type and every word that a person reads are there in ours.
`HOST` stands for the server's address, `as` says who asks, `upload` is the body in hexadecimal.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pullscope.clusters.transport import Answer, Transport
from pullscope.oc import login

DIRECTORY = Path(__file__).parents[1] / "data" / "oc"
# What every client goes by, or a person reads; other texts are values of the stub.
WORDS = ("apiVersion", "code", "kind", "message", "reason", "scope", "status", "token_type", "type")


@dataclass(frozen=True)
class Exchange:
    """One request and the answer that it had. `body` is what was sent, JSON or bytes."""

    run: str
    method: str
    path: str
    headers: dict[str, str]
    who: str | None
    body: bytes | None
    code: int
    type: str
    answer: Any

    def __str__(self) -> str:
        return f"{self.run}: {self.method} {self.path.partition('?')[0]}"


def exchanges(file: str = "commands.jsonl") -> Iterator[Exchange]:
    for line in (DIRECTORY / file).read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        yield Exchange(
            run=told["run"],
            method=told["method"],
            path=told["path"],
            headers=told["headers"],
            who=told.get("as"),
            body=_body(told),
            code=told["code"],
            type=told["type"],
            answer=told.get("answer"),
        )


def _body(told: dict[str, Any]) -> bytes | None:
    if "protobuf" in told:
        return bytes.fromhex(told["protobuf"])
    if "upload" in told:
        return bytes.fromhex(told["upload"])
    match told.get("body"):
        case None:
            return None
        case str(text):
            return text.encode()
        case value:
            return json.dumps(value).encode()


@dataclass
class Client:
    """Sends them to a lab, with the password and the tokens of that lab."""

    http: Transport
    password: str
    code: str = ""
    token: str = ""
    seen: dict[str, str] = field(default_factory=dict)

    async def send(self, exchange: Exchange) -> Answer:
        path = self._here(exchange.path)
        body = (
            self._here(exchange.body.decode()).encode() if self._is_form(exchange) and exchange.body else exchange.body
        )
        answer = await self.http.ask(
            exchange.method, path, headers={**exchange.headers, **self._credentials(exchange)}, body=body
        )
        self._learn(answer)
        return answer

    def _is_form(self, exchange: Exchange) -> bool:
        return exchange.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def _here(self, text: str) -> str:
        """With this server's address and code, and the name of the token that is ours."""
        text = text.replace("HOST", urlsplit(self.http.server).netloc.replace(":", "%3A"))
        text = text.replace("sha256~CODEcodeCODEcode", self.code)
        return re.sub(r"(?<=oauthaccesstokens/)[^?]+", login.name_of(self.token), text)

    def _credentials(self, exchange: Exchange) -> dict[str, str]:
        basic = {
            "password": f"kubeadmin:{self.password}",
            "bad-password": "kubeadmin:wrong",
            "client": "openshift-challenging-client:",
        }
        match exchange.who:
            case None:
                return {}
            case "token":
                return {"Authorization": f"Bearer {self.token}"}
            case "bad-token":
                return {"Authorization": "Bearer sha256~bad"}
            case who:
                return {"Authorization": f"Basic {base64.b64encode(basic[who].encode()).decode()}"}

    def _learn(self, answer: Answer) -> None:
        found = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        self.code = found.get("code", [self.code])[0]
        if answer.body.startswith(b'{"access_token"'):
            self.token = json.loads(answer.body)["access_token"]


def lacking(exchange: Exchange, answer: Answer) -> Iterator[str]:
    """What the recorded answer has and this one lacks."""
    if answer.code != exchange.code:
        yield f"status {answer.code} instead of {exchange.code}"
        return
    kind = answer.headers.get("Content-Type", "").partition("; charset")[0]
    if kind != exchange.type and exchange.method != "HEAD":
        yield f"type {kind} instead of {exchange.type}"
    if isinstance(exchange.answer, dict) and exchange.method != "HEAD" and kind == "application/json":
        yield from _missing(exchange.answer, json.loads(answer.body), "$", "")


def _missing(theirs: Any, ours: Any, where: str, name: str) -> Iterator[str]:
    match theirs:
        case dict() if isinstance(ours, dict):
            for each, value in theirs.items():
                if each in ours:
                    yield from _missing(value, ours[each], f"{where}.{each}", each)
                elif value:  # what Go writes for nothing may be left out
                    yield f"{where}.{each} is missing"
        case list() if isinstance(ours, list):
            yield from _missing_of_list(theirs, ours, where)
        case None:
            return
        case _ if type(theirs) is not type(ours):
            yield f"{where}: {ours!r} instead of {theirs!r}"
        case str() | int() if name in WORDS and theirs != ours:
            yield f"{where}: {ours!r} instead of {theirs!r}"


def _missing_of_list(theirs: list[Any], ours: list[Any], where: str) -> Iterator[str]:
    """Elements with a name are compared with those of the same name, texts have to be there, others go one by one."""
    if where.endswith(".cells"):  # what they say is tested where they are made
        if len(theirs) != len(ours):
            yield f"{where} has {len(ours)} elements instead of {len(theirs)}"
        return
    named = {name: each for each in ours if (name := _name(each))}
    for index, each in enumerate(theirs):
        name = _name(each)
        if name:
            if name in named:
                yield from _missing(each, named[name], f"{where}[{name}]", "")
            else:
                yield f"{where}[{name}] is missing"
        elif isinstance(each, str):
            if each not in ours:
                yield f"{where} has no {each}"
        elif index < len(ours):
            yield from _missing(each, ours[index], f"{where}[{index}]", "")
        else:
            yield f"{where}[{index}] is missing"


def _name(element: Any) -> str:
    if not isinstance(element, dict):
        return ""
    metadata = element.get("metadata")
    return str((metadata or {}).get("name") or element.get("name") or element.get("type") or "")
