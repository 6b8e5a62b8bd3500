"""`oc status`, in short: services, what runs behind them, and what builds it.

Upstream: openshift/oc release 4.22 pkg/cli/status and pkg/helpers/describe/projectstatus.go; its advice (`--suggest`), the
older rollouts and routes are not told.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pullscope.kube.api import Object
from pullscope.kube.resources import BUILD_CONFIGS, DEPLOYMENTS, PROJECTS, REPLICA_SETS, SERVICES
from pullscope.oc.arguments import Arguments
from pullscope.oc.session import Session
from pullscope.openshift import ages, triggers

_EMPTY = """\
You have no services, deployment configs, or build configs.
Run 'oc new-app' to create an application.\
"""
_MORE = "View details with 'oc describe <resource>/<name>' or list resources with 'oc get all'."
_REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Seen:
    """What there is in a project."""

    services: list[Object]
    deployments: list[Object]
    replica_sets: list[Object]
    configs: list[Object]


async def run(session: Session, arguments: Arguments) -> int:  # noqa: ARG001 (it takes none)
    """Print what is in the project."""
    project = await session.cluster.get(PROJECTS, None, session.namespace)
    display = (project["metadata"].get("annotations") or {}).get("openshift.io/display-name")
    shown = f"{display} ({session.namespace})" if display else session.namespace
    session.console.out(f"In project {shown} on server {session.access.server}\n")
    kinds = (SERVICES, DEPLOYMENTS, REPLICA_SETS, BUILD_CONFIGS)
    seen = Seen(*[(await session.cluster.list(kind, session.namespace)).items for kind in kinds])
    blocks = list(told(seen, session.clock.now()))
    session.console.out("\n\n".join([*blocks, _MORE]) if blocks else _EMPTY)
    return 0


def told(seen: Seen, now: datetime) -> Iterator[str]:
    """One block for each service with what is behind it, then for what is behind none."""
    alone = {each["metadata"]["name"]: each for each in seen.deployments}
    used: set[str] = set()
    for service in seen.services:
        if service["metadata"]["name"] == "kubernetes":
            continue
        lines = [f"svc/{service['metadata']['name']} - {_ports(service['spec'])}"]
        for each in seen.deployments:
            if _selects(service, each["spec"]["template"]["metadata"].get("labels") or {}):
                alone.pop(each["metadata"]["name"], None)
                lines += [f"  {line}" for line in _deployment(each, seen, used, now)]
        yield "\n".join(lines)
    for each in alone.values():
        yield "\n".join(_deployment(each, seen, used, now))
    for config in seen.configs:
        if config["metadata"]["name"] not in used:
            yield f"{_config(config)}\n  -> istag/{_output(config)}"


def _selects(service: Object, labels: Mapping[str, str]) -> bool:
    selector = service["spec"].get("selector") or {}
    return bool(selector) and selector.items() <= labels.items()


def _ports(spec: Object) -> str:
    ports = [
        f"{each['port']}"
        if each.get("targetPort") in (None, 0, each["port"])
        else f"{each['port']} -> {each['targetPort']}"
        for each in spec.get("ports") or []
    ]
    match ports:
        case []:
            return f"{spec['clusterIP']} no ports"
        case [port]:
            return f"{spec['clusterIP']}:{port}"
        case _:
            return f"{spec['clusterIP']} ports {', '.join(ports)}"


def _deployment(each: Object, seen: Seen, used: set[str], now: datetime) -> Iterator[str]:
    followed = {trigger.path: trigger.source for trigger in triggers.of(each)}
    tags = [f"{source.stream}:{source.tag}" for source in followed.values()]
    images = [f"istag/{tag}" for tag in tags] or [
        each["image"] for each in each["spec"]["template"]["spec"]["containers"]
    ]
    makers = [config for config in seen.configs if _output(config) in tags]
    yield f"deployment/{each['metadata']['name']} deploys {','.join(images)} {'<-' if makers else ''}"
    for config in makers:
        used.add(config["metadata"]["name"])
        yield f"  {_config(config)} "
    yield from _revisions(each, seen.replica_sets, now)


def _config(config: Object) -> str:
    spec = config["spec"]
    kind = spec["strategy"]["type"]
    source = (spec["strategy"].get(f"{kind.lower()}Strategy") or {}).get("from") or {}
    what = {"Binary": "uploaded code", "Dockerfile": "Dockerfile"}.get(spec["source"].get("type", ""), "code")
    base = f" on istag/{source['name']}" if source.get("kind") == "ImageStreamTag" else ""
    return f"bc/{config['metadata']['name']} {kind.lower()} builds {what}{base}"


def _output(config: Object) -> str:
    return str(((config["spec"].get("output") or {}).get("to") or {}).get("name", ""))


def _revisions(each: Object, replica_sets: list[Object], now: datetime) -> Iterator[str]:
    """The newest rollout."""
    own = [
        found
        for found in replica_sets
        if any(owner["uid"] == each["metadata"]["uid"] for owner in found["metadata"].get("ownerReferences") or [])
    ]
    if not own:
        return
    newest = max(own, key=_revision)
    age = ages.human((now - datetime.fromisoformat(newest["metadata"]["creationTimestamp"])).total_seconds())
    pods = newest["status"].get("replicas", 0)
    yield f"  deployment #{_revision(newest)} running for {age.lower()} - {pods} pod{'' if pods == 1 else 's'}"


def _revision(replica_set: Object) -> int:
    return int((replica_set["metadata"].get("annotations") or {}).get(_REVISION, 0))
