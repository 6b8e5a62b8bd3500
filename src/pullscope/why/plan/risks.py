"""What can go wrong with a container as it is written: one function for each, a `Risk` or nothing. [pure]"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pullscope.oci import reference as references
from pullscope.oci.reference import DEFAULT_REGISTRY, InvalidReferenceError, Reference
from pullscope.pull.flow import Text
from pullscope.pull.policy import PullPolicy
from pullscope.why.plan.manifests import Written
from pullscope.why.plan.planned import Risk
from pullscope.why.plan.reading import Place

POLICIES: tuple[PullPolicy, ...] = ("Always", "IfNotPresent", "Never")
_LATEST = "latest"

# Tags that people do not push twice, as a rule: three numbers, a date, a commit.
_VERSION = re.compile(r"v?\d+\.\d+\.\d+([.+_-].*)?")
_DATE = re.compile(r"(.*[-_.])?\d{8,14}([-_.].*)?")
_COMMIT = re.compile(r"(.*[-_.])?(?=[0-9a-f]*\d)[0-9a-f]{7,40}")
_PARAMETER = re.compile(r"\$\{|\$\(|\{\{|<[A-Za-z_ -]+>")


@dataclass(frozen=True)
class Given:
    """A container with its reference read; `reference` is None where the text is none, and `error` says why."""

    written: Written
    image: str
    reference: Reference | None
    error: str
    policy: PullPolicy | None
    defaulted: bool

    @property
    def line(self) -> int:
        """That of the image, or of the container where it names none."""
        return (self.written.image or self.written.place).line

    @property
    def policy_line(self) -> int:
        """That of the policy, or of the image that it comes from."""
        return self.written.policy.line if self.written.policy else self.line


def given(written: Written, policy: PullPolicy | None) -> Given:
    """Read the reference."""
    image = (written.image.text if written.image else None) or ""
    defaulted = written.policy is None or not written.policy.text
    try:
        return Given(written, image, references.parse(image), "", policy, defaulted)
    except InvalidReferenceError as error:
        return Given(written, image, None, str(error), policy, defaulted)


def of(container: Given) -> tuple[Risk, ...]:
    """All that apply. An object that the API server cannot read has no other."""
    return tuple(_types(container)) or tuple(risk for look in _ALL for risk in look(container))


def mistyped(written: Written) -> Place | None:
    """The value that the API server cannot read, since it is no text; kinds that are not ours are not known so well."""
    values = (written.image, written.policy) if written.workload.ours else ()
    return next((value for value in values if value and value.type not in ("string", "null")), None)


def _types(container: Given) -> Iterator[Risk]:
    written, wrong = container.written, mistyped(container.written)
    if wrong is None:
        return
    fields = ("reference", "pullPolicy") if written.kind == "image volume" else ("image", "imagePullPolicy")
    field, known = (fields[0], "string") if wrong is written.image else (fields[1], "v1.PullPolicy")
    said = f"json: cannot unmarshal {wrong.type} into Go struct field {written.fields}.{field} of type {known}"
    quoted = f'write {field}: "{wrong.text}"' if wrong.text else f"write a text as {field}"
    yield Risk(
        "wrong-type",
        "risk",
        wrong.line,
        Text(f"the API server refuses the object: {said}", f"オブジェクトは API サーバーに拒否されます: {said}"),
        Text(quoted, f'{field}: "{wrong.text}" と書く' if wrong.text else f"{field} に文字列を書く"),
    )


def looks_fixed(tag: str) -> bool:
    """Whether a tag's form says that it is not pushed twice; nothing but a digest makes sure of it."""
    return any(pattern.fullmatch(tag) for pattern in (_VERSION, _DATE, _COMMIT))


def _image(container: Given) -> Iterator[Risk]:
    if _PARAMETER.search(container.image):
        yield Risk(
            "template-parameter",
            "risk",
            container.line,
            Text(
                f"{container.image!r} is a template's parameter",
                f"{container.image!r} はテンプレートのパラメーターです",
            ),
            Text(
                "plan what the template makes: oc process, helm template …", "oc process や helm template の出力を渡す"
            ),
        )
    elif not container.image.strip() and not container.written.trigger:
        text = Text("no image is named: the API server refuses that", "イメージ名がなく、API サーバーに拒否されます")
        yield Risk("no-image", "risk", container.line, text, Text("name one", "イメージ名を書く"))
    elif container.reference is None and container.image.strip():
        yield Risk(
            "invalid-image",
            "risk",
            container.line,
            Text(
                f"{container.image!r} is no image reference (InvalidImageName): {container.error}",
                f"{container.image!r} はイメージ名として不正です (InvalidImageName): {container.error}",
            ),
            Text("write registry/repository:tag, in small letters", "registry/repository:tag の形で小文字で書く"),
        )


def _policy(container: Given) -> Iterator[Risk]:
    written = container.written.policy
    text = written.text if written else None
    if written is None or not text or text in POLICIES:
        return
    right = next((each for each in POLICIES if each.casefold() == text.strip().casefold()), None)
    yield Risk(
        "policy-invalid",
        "risk",
        written.line,
        Text(
            f"the API server refuses the policy {text!r}: supported values: "
            + ", ".join(f'"{each}"' for each in POLICIES),
            f"ポリシー {text!r} は API サーバーに拒否されます (使えるのは {', '.join(POLICIES)})",
        ),
        Text(f"write imagePullPolicy: {right or 'Always'}", f"imagePullPolicy: {right or 'Always'} と書く"),
    )


def _cached_tag(container: Given) -> Iterator[Risk]:
    tag = _tag(container)
    if tag is None or container.policy != "IfNotPresent":
        return
    fixed = looks_fixed(tag)
    pushed = Text(
        f"once the tag {tag} is pushed again, nodes that have it go on with the old image",
        f"タグ {tag} が再び push されても、イメージを持つノードは古いまま動きます",
    )
    yield Risk(
        "tag-cached" if fixed else "mutable-tag-cached",
        "note" if fixed else "risk",
        container.line,
        pushed,
        Text(
            "name a digest, or write imagePullPolicy: Always",
            "ダイジェストで指定するか、imagePullPolicy: Always と書く",
        ),
    )


def _latest(container: Given) -> Iterator[Risk]:
    reference = container.reference
    if reference is None or container.written.trigger or reference.with_default_tag().tag != _LATEST:
        return
    if reference.digest:
        if container.policy == "Always" and container.defaulted:
            yield Risk(
                "latest-with-digest",
                "risk",
                container.line,
                Text(
                    "the tag latest beside the digest makes the policy Always, so no pod starts without the registry",
                    "ダイジェストに latest が付いているため Always になり、レジストリなしでは起動できません",
                ),
                Text("leave :latest out", ":latest を書かない"),
            )
        return
    if container.policy == "Always" or reference.tag is None:
        named = reference.tag is not None
        changes = Text(
            "each start may get another image, and a rollback brings no old one back",
            "起動のたびに別のイメージになり得て、ロールバックしても元に戻りません",
        )
        untagged = Text(
            f"no tag is named, which means latest: {changes.en}", f"タグがなく latest と解釈されます。{changes.ja}"
        )
        yield Risk(
            "latest" if named else "no-tag",
            "risk",
            container.line,
            changes if named else untagged,
            Text("name a version or a digest", "バージョンのタグかダイジェストを書く"),
        )


def _never(container: Given) -> Iterator[Risk]:
    if container.policy == "Never":
        yield Risk(
            "never",
            "risk",
            container.policy_line,
            Text(
                "a node without the image refuses the pod (ErrImageNeverPull), and since 1.35 one that pulled it with other credentials",
                "イメージのないノードでは起動しません (ErrImageNeverPull)。1.35 以降は別の認証情報で取得したイメージも使えません",
            ),
            Text(
                "write IfNotPresent, unless somebody loads the image on every node",
                "全ノードに置くのでなければ IfNotPresent と書く",
            ),
        )


def _docker_hub(container: Given) -> Iterator[Risk]:
    reference = container.reference
    if reference and reference.registry == DEFAULT_REGISTRY and container.policy == "Always":
        yield Risk(
            "docker-hub-rate-limit",
            "note",
            container.line,
            Text(
                "each start asks Docker Hub, which limits pulls (429 Too Many Requests)",
                "起動のたびに Docker Hub に問い合わせるため、取得回数の制限 (429 Too Many Requests) を受けます",
            ),
            Text("mirror the image, or give the pod a pull secret", "ミラーを使うか、pull secret を付ける"),
        )


def _digest(container: Given) -> Iterator[Risk]:
    reference = container.reference
    if reference and reference.digest and container.policy == "Always" and not container.defaulted:
        yield Risk(
            "always-with-digest",
            "note",
            container.policy_line,
            Text(
                "the digest cannot change, but no pod starts without the registry",
                "内容は変わりませんが、レジストリなしでは起動できません",
            ),
            Text("write imagePullPolicy: IfNotPresent", "imagePullPolicy: IfNotPresent と書く"),
        )


def _trigger(container: Given) -> Iterator[Risk]:
    trigger = container.written.trigger.removeprefix("/")  # of a manifest without a namespace
    if trigger and not container.written.paused:
        yield Risk(
            "image-trigger",
            "risk",
            container.line,
            Text(
                f"an image trigger puts what the image stream tag {trigger} points to in the place of this image",
                f"イメージトリガーが、このイメージをイメージストリームのタグ {trigger} の指すものに書き換えます",
            ),
            Text(
                "change the image stream's tag instead, or pause the trigger",
                "イメージストリームのタグを変えるか、トリガーを paused にする",
            ),
        )


def _tag(container: Given) -> str | None:
    """The tag that decides what is pulled; none beside a digest."""
    reference = container.reference
    if reference is None or reference.digest or container.written.trigger:
        return None
    return reference.with_default_tag().tag


_ALL: tuple[Callable[[Given], Iterator[Risk]], ...] = (
    *(_image, _policy, _cached_tag, _latest, _never, _digest, _docker_hub, _trigger),
)
