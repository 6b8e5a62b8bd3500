"""Evidence of scenarios that go as they must: for each row what the player and the cluster would tell. Made, not recorded."""

from typing import Any, assert_never

from tests.verify.conftest import NODE, REGISTRY, REPOSITORY, request

from pullscope.pull.complaints import Cause
from pullscope.verify.evidence import Event, Evidence, Log, Pod, Sight, StatusChange, Step
from pullscope.verify.scenarios import steps
from pullscope.verify.scenarios.steps import Named, Run, Scenario, See

SENTENCES = {
    Cause.UNREACHABLE: "dial tcp 127.0.0.1:5000: connect: connection refused",
    Cause.CREDENTIALS: "unable to retrieve auth token: invalid username/password: unauthorized",
    Cause.BROKEN: "received unexpected HTTP status: 500 Internal Server Error",
}


def went_well(scenario: Scenario) -> Evidence:
    """Everything as the scenario must go."""
    story = tuple(done(scenario, step) for step in scenario.steps)
    looks = [step for step in scenario.steps if isinstance(step, See)]
    sights = tuple(sight(scenario, see, number) for number, see in enumerate(looks, 1))
    shown = max(at for at, see in enumerate(looks) if see.decides(scenario))
    return Evidence(
        reference=f"{REPOSITORY}:v1",
        variants=(NODE, REGISTRY),
        pod=sights[shown].pod,
        events=sights[shown].events,
        log=sights[shown].log,
        registry_requests=sights[shown].requests,
        seconds=4.2,
        waited=0.5,
        story=story,
        sights=sights,
    )


def image(named: Named) -> str:
    """The image as pods name it."""
    variant = NODE if named.digest == "node" else REGISTRY
    return REPOSITORY + (f":{named.tag}" if named.tag else "") + (f"@{variant.digest}" if named.digest else "")


def run_of(scenario: Scenario, name: str) -> Run:
    """What made the pod of that name."""
    return next(step for step in scenario.steps if isinstance(step, Run) and step.name == name)


def full(scenario: Scenario, name: str) -> str:
    """An object's name."""
    return f"{name}-{scenario.id}-4f2a9c"


def done(scenario: Scenario, step: steps.Step) -> Step:
    """What the player tells of the step."""
    match step:
        case steps.Push(source, tag):
            variant = NODE if source == "node" else REGISTRY
            return Step(f"pushed {REPOSITORY}:{tag} with {variant.war}", variant.digest)
        case steps.Untag(source, tag):
            return Step(f"deleted the manifest {(NODE if source == 'node' else REGISTRY).digest} of {tag}", "accepted")
        case steps.Misbehave(how):
            said = "closed the registry's port" if how == "refuses" else f"let the registry answer {how}"
            return Step(said, "it does from now on")
        case steps.Behave():
            return Step("let the registry behave again", "it does from now on")
        case steps.Demand():
            asks = "let the registry ask whoever reads for a password (Basic)"
            return Step(asks, "it lets one, two in from now on")
        case steps.Delete(name):
            return Step(f"deleted pod {full(scenario, name)}", "it is gone")
        case steps.RemoveImage() | steps.Preload() | steps.Stop():
            verb = {steps.RemoveImage: "rmi", steps.Preload: "pull", steps.Stop: "stop"}[type(step)]
            return Step(f"crictl {verb} {REPOSITORY}:v1 on node crc", f"Done: {REPOSITORY}:v1")
        case See(name):
            return Step(f"looked at {name}", f"{full(scenario, name)} is there")
        case _:
            return changed(scenario, step)


def changed(scenario: Scenario, step: steps.Secret | steps.Account | Run | steps.SetImage | steps.Restart) -> Step:
    """What the player tells of a change in the cluster."""
    match step:
        case steps.Secret(name, login):
            return Step(f"created secret {full(scenario, name)}, credentials {login}", "created")
        case steps.Account(name, secrets):
            told = f"pull secrets {', '.join(secrets)}"
            return Step(f"created serviceaccount {full(scenario, name)}, {told}", "created")
        case Run(name, policy, named, node):
            kind = "deployment" if step.deployment else "pod"
            told = f"{image(named)}, {policy or 'without imagePullPolicy'}, on {('crc', 'crc-2')[node]}"
            return Step(f"created {kind} {full(scenario, name)}, {told}", "created")
        case steps.SetImage(name, named):
            return Step(f"changed Deployment {full(scenario, name)}: image {image(named)}", "accepted")
        case steps.Restart(name):
            return Step(f"changed Deployment {full(scenario, name)}: kubectl rollout restart", "accepted")
        case _:
            assert_never(step)


def sight(scenario: Scenario, see: See, number: int) -> Sight:
    """What must be seen."""
    run = run_of(scenario, see.name)
    ran = pod(scenario, see, run, number)
    variant = NODE if see.runs == "node" else REGISTRY
    told = f"{see.event}" if see.event else "Successfully assigned"
    return Sight(
        pod=ran,
        settled=True,
        waited=0.5,
        events=(Event(0.1, "Normal", "Seen", told.format(image=ran.image), "Pod", "kubelet"),),
        log=Log(ran.uid, ran.container_id, f'Deployed "/deployments/{variant.war}"\nready\n') if ran.running else None,
        requests=tuple(requests(see, variant.digest)),
        wanted_node=ran.node,
    )


def requests(see: See, digest: str) -> list[dict[str, Any]]:
    """What the registry was asked."""
    count = see.times if see.times is not None else bool(see.asked or see.sent)
    blob = request("v1", 200, digest) | {"kind": "blob", "bytes": 900}
    return [request("v1", 200, digest)] * count + ([blob] if see.sent else [])


def pod(scenario: Scenario, see: See, run: Run, number: int) -> Pod:
    """The pod that is looked at."""
    reason, variant = (see.waits[0] if see.waits else None), NODE if see.runs == "node" else REGISTRY
    named = image(run.image)
    missing = (
        f"initializing source docker://{named}: reading manifest {run.image.tag} in {REPOSITORY}: manifest unknown"
    )
    message = SENTENCES.get(see.cause, missing) if see.cause else f'Container image "{named}" is not present'
    return Pod(
        uid=f"uid-{scenario.id}-{number}",
        name=f"{full(scenario, see.name)}-{number}",
        template_hash="6f5f64d9f5" if run.deployment else "",
        node=("crc", "crc-2")[run.node],
        policy=see.policy or run.policy or "",
        image=named,
        status=reason or "Running",
        running=reason is None,
        reason=reason,
        message=message if reason else "",
        image_id="" if reason else f"{REPOSITORY}@{variant.digest}",
        container_id="" if reason else f"cri-o://{scenario.id}-{number}",
        restarts=see.restarts,
        timeline=(StatusChange(0.1, "Pending"), StatusChange(0.4, reason or "Running")),
    )
