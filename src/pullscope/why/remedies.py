"""What makes a pull succeed, by what the runtime complained of: shared by the rules of containers that cannot start. [pure]"""

from collections.abc import Callable, Sequence

from pullscope.openshift import names
from pullscope.pull.complaints import Cause
from pullscope.pull.flow import Text
from pullscope.why import credentials as credentials_of
from pullscope.why import identity, mends, world
from pullscope.why.case import Case
from pullscope.why.facts import Container
from pullscope.why.findings import Mend


def of(case: Case) -> tuple[Mend, ...]:
    """The mends for what the pod's pull failed with; none where the sentence tells nothing."""
    remedy = _REMEDIES.get(case.complaint)
    return mends.some(*remedy(case)) if remedy else ()


def push(case: Case) -> Sequence[Mend | None]:
    """The image is missing: somebody has to push it."""
    name = str(case.wanted or case.container.image)
    why = Text(
        "pushes the image under this name; the kubelet then gets it by itself, within 5 minutes and a few seconds",
        "この名前でイメージを push する。kubelet は 5 分余り以内に自動で再試行する",
    )
    return (Mend(mends.command("docker", "push", name), why),)


def credentials(case: Case) -> Sequence[Mend | None]:
    """The secret that another container has with which the registry is content, else the user's own login.

    OpenShift's internal registry knows service accounts: those of another project need a role there.
    """
    place = case.reference.repository.partition("/")[0] if case.reference else ""
    if case.reference and case.reference.registry == names.INTERNAL_REGISTRY and place != case.container.namespace:
        return (_role(case.container, place),)
    known = lender(case)
    if known:
        why = Text(
            f"lets it pull with the secret that pod {known.pod} pulls with",
            f"Pod {known.pod} と同じシークレットで取得する",
        )
        return (mends.secret(case.container, _more(case, known)[0], why),)
    why = Text("lets its service account pull with your own login", "自分のログイン情報で取得できるようにする")
    return (mends.login(case.container, why),)


def _role(container: Container, project: str) -> Mend:
    account = f"system:serviceaccount:{container.namespace}:{container.service_account}"
    granted = mends.command("oc", "policy", "add-role-to-user", "system:image-puller", account, "-n", project)
    why = Text(
        f"lets its service account pull from project {project}, and tries again at once",
        f"プロジェクト {project} からの取得をサービスアカウントに許可し、すぐに再試行する",
    )
    return mends.chain(Mend(granted, why), mends.again(container, why))


def reach(case: Case) -> Sequence[Mend | None]:
    """Whether the registry answers; and, where the node has the image, what lets its copy run meanwhile."""
    host = case.wanted.registry if case.wanted else ""
    why = Text(
        "shows whether the registry answers here; the kubelet tries again by itself once it does",
        "レジストリが応答するか確かめる。復旧すれば kubelet が自動で再試行する",
    )
    asked = Mend(mends.command("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}\\n", f"https://{host}/v2/"), why)
    return asked, _meanwhile(case)


def limited(case: Case) -> Sequence[Mend | None]:
    """A login raises the limit, and the node's copy needs no request."""
    return *credentials(case), _meanwhile(case)


def content(case: Case) -> Sequence[Mend | None]:
    """Whether it is so from here as well, and what replaces what is damaged in the registry itself."""
    name = str(case.wanted or case.container.image)
    why = Text("shows whether the image arrives here as it should", "ここで正しく取得できるか確かめる")
    return Mend(mends.command("skopeo", "copy", f"docker://{name}", "dir:image"), why), *push(case)


def platforms(case: Case) -> Sequence[Mend | None]:
    """Build for all nodes."""
    nodes = (case.world.facts.nodes or {}).values()
    wanted = sorted({identity.platform(node) for node in nodes} - {""}) or ["linux/amd64", "linux/arm64"]
    name = str(case.wanted or case.container.image)
    words = ("docker", "buildx", "build", "--platform", ",".join(wanted), "-t", name, "--push", ".")
    why = Text(
        "builds the image for the nodes' platforms, and pushes it", "ノードのプラットフォーム用にビルドして push する"
    )
    return (Mend(mends.command(*words), why),)


def lender(case: Case) -> Container | None:
    """A container of the same image that runs, and has pull secrets which this one lacks."""
    siblings = case.world.siblings(case.container)
    key = ("lenders", case.container.namespace, world.written(case.container))
    lenders = case.world.once(key, lambda: {each.pull_secrets: each for each in siblings if each.image_id})
    return next((other for other in lenders.values() if _more(case, other)), None)


def _more(case: Case, other: Container) -> list[str]:
    offered = credentials_of.shown(other, case.reference) if case.reference else ()
    return [name for name in offered if name not in case.container.pull_secrets]


def _meanwhile(case: Case) -> Mend | None:
    if case.held is None or case.cached:
        return None
    why = Text("lets the node's copy run, whatever it is", "ノードにあるイメージで起動する (内容は問わない)")
    return mends.policy(case.container, "IfNotPresent", why)


_REMEDIES: dict[Cause, Callable[[Case], Sequence[Mend | None]]] = {
    Cause.MISSING: push,
    Cause.CREDENTIALS: credentials,
    Cause.LIMITED: limited,
    Cause.UNREACHABLE: reach,
    Cause.TLS: reach,
    Cause.BROKEN: reach,
    Cause.CONTENT: content,
    Cause.PLATFORM: platforms,
}
