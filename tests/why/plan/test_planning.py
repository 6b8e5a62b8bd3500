"""For each container the policy, the ways and the risks: a row each, as people write manifests."""

import io
import json
import textwrap
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from pullscope.pull import flow
from pullscope.pull.flavours import Flavour
from pullscope.pull.flow import Language
from pullscope.why import kubelets
from pullscope.why.kubelets import Kubelet
from pullscope.why.plan import planning, reading, report, risks
from pullscope.why.plan.planned import Plan, Planned

pytestmark = pytest.mark.usefixtures("plain_terminal")

Golden = Callable[[str, str], None]
DIGEST = "sha256:" + "a" * 64

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  namespace: shop
  annotations:
    image.openshift.io/triggers: '[{"from": {"kind": "ImageStreamTag", "name": "web:v1"},
      "fieldPath": "spec.template.spec.containers[?(@.name==\\"web\\")].image"}]'
spec:
  template:
    spec:
      imagePullPolicy: Always
      initContainers:
      - name: init
        image: busybox
      containers:
      - name: app
        image: quay.io/team/app:dev
        imagepullpolicy: Always
      - name: web
        image: quay.io/team/web:v1
        imagePullPolicy: always
      - name: pinned
        image: quay.io/team/pinned@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
"""


def plan(text: str, kubelet: Kubelet = kubelets.ASSUMED) -> Plan:
    return planning.plan(reading.parse("app.yaml", text.encode()), kubelet)


def container(fields: str, kubelet: Kubelet = kubelets.ASSUMED) -> Planned:
    (one,) = plan(f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{name: a, {fields}}}]}}\n", kubelet).containers
    return one


@pytest.mark.parametrize(
    ("fields", "policy", "origin", "ids"),
    [
        ("image: 'quay.io/a/b:1.2.3'", "IfNotPresent", "defaulted", ["tag-cached"]),
        ("image: 'quay.io/a/b:dev'", "IfNotPresent", "defaulted", ["mutable-tag-cached"]),
        ("image: 'quay.io/a/b:dev', imagePullPolicy: ''", "IfNotPresent", "defaulted", ["mutable-tag-cached"]),
        ("image: 'quay.io/a/b:dev', imagePullPolicy: null", "IfNotPresent", "defaulted", ["mutable-tag-cached"]),
        ("image: 'quay.io/a/b:dev', imagePullPolicy: Always", "Always", "written", []),
        ("image: 'b:dev', imagePullPolicy: Always", "Always", "written", ["docker-hub-rate-limit"]),
        ("image: 'quay.io/a/b:latest'", "Always", "defaulted", ["latest"]),
        ("image: quay.io/a/b", "Always", "defaulted", ["no-tag"]),
        ("image: 'quay.io/a/b:latest', imagePullPolicy: IfNotPresent", "IfNotPresent", "written", ["mutable-tag-cached"]),
        (f"image: 'quay.io/a/b@{DIGEST}'", "IfNotPresent", "defaulted", []),
        (f"image: 'quay.io/a/b:v1@{DIGEST}'", "IfNotPresent", "defaulted", []),
        (f"image: 'quay.io/a/b:latest@{DIGEST}'", "Always", "defaulted", ["latest-with-digest"]),
        (f"image: 'quay.io/a/b@{DIGEST}', imagePullPolicy: Always", "Always", "written", ["always-with-digest"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullPolicy: Never", "Never", "written", ["never"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullPolicy: always", None, "refused", ["policy-invalid"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullPolicy: 'Always '", None, "refused", ["policy-invalid"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullPolicy: ifPresent", None, "refused", ["policy-invalid"]),
        ("image: 'quay.io/a/b:1.2.3', imagepullpolicy: Always", "IfNotPresent", "defaulted", ["policy-misspelt", "tag-cached"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullpolicy: Always", "IfNotPresent", "defaulted", ["policy-misspelt", "tag-cached"]),
        ("image: 'quay.io/a/b:1.2.3', image_pull_policy: Always", "IfNotPresent", "defaulted", ["policy-misspelt", "tag-cached"]),
        ("image: 'quay.io/a/b:1.2.3', imagePullPolciy: Always", "IfNotPresent", "defaulted", ["policy-misspelt", "tag-cached"]),
        ("image: 'quay.io/a/b:1.2.3', pullPolicy: Always", "IfNotPresent", "defaulted", ["policy-misspelt", "tag-cached"]),
        ("image: 'quay.io/a/b:1.2.3', resources: {imagePullPolicy: Always}", "IfNotPresent", "defaulted", ["policy-misplaced", "tag-cached"]),
        ("image: Quay.io/A/b", "IfNotPresent", "defaulted", ["invalid-image"]),
        ("image: 'b :1'", "IfNotPresent", "defaulted", ["invalid-image"]),
        (f"image: {'a' * 64}", "IfNotPresent", "defaulted", ["invalid-image"]),
        ("image: '${REGISTRY}/app:${TAG}'", "IfNotPresent", "defaulted", ["template-parameter"]),
        ("image: '{{ .Values.image }}'", "IfNotPresent", "defaulted", ["template-parameter"]),
        ("image: ''", "IfNotPresent", "defaulted", ["no-image"]),
        ("env: []", "IfNotPresent", "defaulted", ["no-image"]),
        ("image: {a: b}", None, "refused", ["wrong-type"]),
        ("image: 3", None, "refused", ["wrong-type"]),
        ("image: 1.5", None, "refused", ["wrong-type"]),
        ("image: on", None, "refused", ["wrong-type"]),
        ("image: [a]", None, "refused", ["wrong-type"]),
        ("image: '3'", "Always", "defaulted", ["no-tag", "docker-hub-rate-limit"]),
        ("image: null", "IfNotPresent", "defaulted", ["no-image"]),
        ("image: 'q.io/b:1.2.3', imagePullPolicy: no", None, "refused", ["wrong-type"]),
        ("image: 'quay.io/a/b:1.2.3', image: 'quay.io/a/b:1.2.4'", "IfNotPresent", "defaulted", ["duplicate-key", "tag-cached"]),
    ],
)  # fmt: skip
def test_a_container(fields: str, policy: str | None, origin: str, ids: list[str]) -> None:
    planned = container(fields)
    assert (planned.policy, planned.origin) == (policy, origin)
    assert [risk.id for risk in planned.risks] == ids
    for risk in planned.risks:
        assert risk.text.en
        assert risk.text.ja
        assert risk.mend is not None


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        ("Pod", "{containers: [{name: a, image: 3}]}", "number into Go struct field Container.spec.containers.image of type string"),
        ("Pod", "{initContainers: [{name: i, image: true}], containers: [{name: a, image: q.io/b}]}",
         "bool into Go struct field Container.spec.initContainers.image of type string"),
        ("CronJob", "{jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: q.io/b, imagePullPolicy: [x]}]}}}}}",
         "array into Go struct field Container.spec.jobTemplate.spec.template.spec.containers.imagePullPolicy of type v1.PullPolicy"),
        ("Pod", "{volumes: [{name: v, image: {reference: 3}}], containers: [{name: a, image: q.io/b}]}",
         "number into Go struct field ImageVolumeSource.spec.volumes.image.reference of type string"),
    ],
)  # fmt: skip
def test_a_value_that_is_no_text_is_refused_in_the_api_servers_words(kind: str, spec: str, said: str) -> None:
    found = [
        each for each in plan(f"apiVersion: v1\nkind: {kind}\nspec: {spec}\n").containers if each.origin == "refused"
    ]
    assert [risk.text.en for each in found for risk in each.risks] == [
        f"the API server refuses the object: json: cannot unmarshal {said}"
    ]
    assert found[0].ways == ()


def test_a_kind_of_somebody_elses_may_have_images_that_are_no_text() -> None:
    text = "apiVersion: example.com/v1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: a, image: 3}]}}}"
    assert "wrong-type" not in [risk.id for risk in plan(text).containers[0].risks]


@pytest.mark.parametrize(
    ("tag", "fixed"),
    [
        *((tag, True) for tag in ("1.2.3", "v1.2.3", "1.2.3-rc.1", "1.2.3_alpine", "2026-20260131", "20260131", "main-3f2a9c1")),
        *((tag, False) for tag in ("1", "1.2", "v1", "latest", "main", "dev", "stable", "edge", "facade", "release-1.2")),
    ],
)  # fmt: skip
def test_a_tag_looks_fixed(tag: str, fixed: bool) -> None:
    assert risks.looks_fixed(tag) is fixed


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("metadata.imagePullPolicy", "metadata: {name: p, imagePullPolicy: Always}\nspec: {containers: [{name: a, image: 'q.io/b:1.2.3'}]}"),
        ("spec.imagePullPolicy", "spec: {imagePullPolicy: Always, containers: [{name: a, image: 'q.io/b:1.2.3'}]}"),
        ("spec.imagepullpolicy", "spec: {imagepullpolicy: Always, containers: [{name: a, image: 'q.io/b:1.2.3'}]}"),
        ("imagePullPolicy", "imagePullPolicy: Always\nspec: {containers: [{name: a, image: 'q.io/b:1.2.3'}]}"),
    ],
)  # fmt: skip
def test_a_policy_at_a_wrong_place_is_found_with_its_line(where: str, text: str) -> None:
    (one,) = plan(f"apiVersion: v1\nkind: Pod\n{text}\n").containers
    risk = one.risks[0]
    assert risk.id in {"policy-misplaced", "policy-misspelt"}
    assert (risk.line, where in risk.text.en) == (3, True)
    assert risk.mend
    assert risk.mend.en.startswith("write imagePullPolicy: Always beside the container's image (line ")


@pytest.mark.parametrize(
    "fields",
    [
        "imagePullSecrets: [{name: x}]",
        "volumes: [{name: v, image: {reference: 'q.io/v:1.2.3', pullPolicy: Never}}]",
        "ephemeralContainers: [{name: e, image: x, imagePullPolicy: Always}]",
    ],
)
def test_what_is_a_policy_or_another_field_is_not_complained_of(fields: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nspec: {{{fields}, containers: [{{name: a, image: 'q.io/b:1.2.3'}}]}}\n"
    found = {risk.id for each in plan(text).containers for risk in each.risks}
    assert not found & {"policy-misplaced", "policy-misspelt"}


def test_a_kind_of_somebody_elses_may_have_a_policy_of_its_own() -> None:
    text = """\
        apiVersion: example.com/v1
        kind: Rollout
        spec:
          imagePullPolicy: Always
          template: {spec: {containers: [{name: a, image: 'q.io/b:1.2.3'}]}}
        """
    assert [risk.id for risk in plan(textwrap.dedent(text)).containers[0].risks] == ["tag-cached"]


def test_the_trigger_of_a_manifest_without_a_namespace() -> None:
    text = """\
        apiVersion: apps.openshift.io/v1
        kind: DeploymentConfig
        metadata: {name: app}
        spec:
          triggers:
          - type: ImageChange
            imageChangeParams: {automatic: true, containerNames: [a], from: {kind: ImageStreamTag, name: 'app:v1'}}
          template: {spec: {containers: [{name: a, image: ' '}]}}
        """
    (only,) = plan(textwrap.dedent(text)).containers
    assert "the image stream tag app:v1 points" in only.risks[0].text.en


def test_the_triggers_of_a_deploymentconfig() -> None:
    text = """\
        apiVersion: apps.openshift.io/v1
        kind: DeploymentConfig
        metadata: {name: app, namespace: shop}
        spec:
          triggers:
          - type: ImageChange
            imageChangeParams: {automatic: true, containerNames: [a], from: {kind: ImageStreamTag, name: 'app:v1'}}
          template: {spec: {containers: [{name: a, image: ' '}, {name: b, image: 'q.io/b:1.2.3'}]}}
        """
    first, second = plan(textwrap.dedent(text)).containers
    assert [risk.id for risk in first.risks] == ["image-trigger"]
    assert "shop/app:v1" in first.risks[0].text.en
    assert [risk.id for risk in second.risks] == ["tag-cached"]


def test_every_way_goes_along_the_chart() -> None:
    for policy in risks.POLICIES:
        ways = container(f"image: 'q.io/b:1.2.3', imagePullPolicy: {policy}").ways
        assert len(ways) == 6
        assert all(flow.FLOW.contains(way.path) for way in ways)
        assert all((way.runs is None) != (way.reason is None) for way in ways)
    stale = next(way for way in container("image: 'q.io/b:dev'").ways if way.on_node == "present")
    assert (stale.runs, stale.path[-1]) == ("node", flow.NODE_IMAGE)


@pytest.mark.parametrize(
    ("policy", "version", "has", "lacks"),
    [
        ("IfNotPresent", "1.36", "registry", "ErrImagePull"),
        ("IfNotPresent", "1.34", "node", "node"),
        ("Never", "1.35", "ErrImageNeverPull", "ErrImageNeverPull"),
        ("Never", "v1.34.9", "node", "node"),
        ("Always", "1.34", "registry", "ErrImagePull"),
    ],
)
def test_what_others_pulled_with_their_secrets(policy: str, version: str, has: str, lacks: str) -> None:
    made = container(f"image: 'q.io/b:1.2.3', imagePullPolicy: {policy}", kubelets.stated(version))
    found = [way.runs or way.reason for way in made.ways if way.on_node == "other credentials"]
    assert found == [has, lacks]
    assert all(flow.FLOW.contains(way.path) for way in made.ways)


@pytest.mark.parametrize(
    ("policy", "runtime", "told"),
    [
        ("IfNotPresent", "cri-o", ("RegistryUnavailable", False, "node")),
        ("IfNotPresent", "containerd", ("ErrImagePull", True, "registry")),
        ("Never", "cri-o", (None, False, "node")),
        ("Never", "containerd", (None, True, "ErrImageNeverPull")),
        ("Always", "cri-o", ("RegistryUnavailable", False, "registry")),
    ],
)
def test_what_differs_by_the_runtime(policy: str, runtime: Flavour, told: tuple[str | None, bool, str]) -> None:
    made = container(f"image: 'q.io/b:1.2.3', imagePullPolicy: {policy}", kubelets.stated("1.36", runtime))
    assert [(each.runtime, (each.down, each.removed, each.again)) for each in made.apart] == [(runtime, told)]


def test_without_a_runtime_both_are_told() -> None:
    text = io.StringIO()
    report.render(plan("{kind: Pod, spec: {containers: [{name: a, image: 'q.io/b:1.2.3'}]}}"), "table", "en", text)
    assert "RegistryUnavailable (CRI-O) or ErrImagePull (containerd), ImagePullBackOff" in text.getvalue()


@pytest.mark.parametrize(
    ("form", "language", "name"),
    [
        ("table", "en", "plan.txt"),
        ("table", "ja", "plan.ja.txt"),
        ("json", "en", "plan.json"),
        ("junit", "en", "plan.xml"),
        ("markdown", "en", "plan.md"),
    ],
)
def test_it_is_printed_as_promised(form: report.Form, language: Language, name: str, golden: Golden) -> None:
    golden(name, printed(plan(MANIFEST), form, language))


def test_hostile_names_move_no_cursor_and_break_no_document() -> None:
    hostile = plan('{"kind": "Pod", "spec": {"containers": [{"name": "\\u001b[31m|`<b>", "image": "\\ud83d"}]}}')
    assert "\x1b" not in printed(hostile, "table")
    assert json.loads(printed(hostile, "json"))["containers"][0]["container"] == "\x1b[31m|`<b>"
    assert len(list(ET.fromstring(printed(hostile, "junit")).iter("testcase"))) == 1


def printed(planned: Plan, form: report.Form, language: Language = "en") -> str:
    file = io.StringIO()
    report.render(planned, form, language, file)
    return file.getvalue()
