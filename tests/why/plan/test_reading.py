"""Manifests as people write them, and as nobody should: each ends in a value or in one clear line, soon."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from pullscope.base.errors import UsageError
from pullscope.why.plan import manifests, reading

POD = "kind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: b:1\n"
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
LISTS = "items:\n- &l0 {kind: Service}\n" + "".join(
    f"- &l{n} {{kind: List, items: [{', '.join([f'*l{n - 1}'] * 10)}]}}\n" for n in range(1, 8)
)


def read(text: str | bytes) -> list[manifests.Written]:
    data = text.encode() if isinstance(text, str) else text
    return manifests.containers(reading.parse("x.yaml", data))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [1\nb: 2\n", r"x\.yaml:2: this is not YAML: .+"),
        ("a: b: c\n", r"x\.yaml:1: this is not YAML: mapping values are not allowed in this context"),
        ("a:\n\tb: 1\n", r"x\.yaml:2: this is not YAML: .+"),
        ('{"a": 1,\n "b" 2}', r"x\.yaml:2: this is not YAML: .+"),
        ("a: *nobody\n", r"x\.yaml:1: this is not YAML: .+"),
        ("a: \x00\n", r"x\.yaml: this is not YAML: .+|x\.yaml:1: this is not YAML: .+"),
        (b"a: b\nc: \xff\n", r"x\.yaml:2: this is not UTF-8 text"),
        ("\n# nothing\n---\n", r"there is no container in .+"),
        ("hello\n", r"x\.yaml:1: this is no manifest: it is no map with a kind"),
        ("- a\n- b\n", r"x\.yaml:1: this is no manifest: it is no map with a kind"),
        ("kind: Service\nspec: {}\n", r"there is no container in x\.yaml"),
        ("kind: Pod\nmetadata: {name: p}\nspec:\n  containers: []\n", r"x\.yaml:4: Pod p has no containers"),
        ("kind: Pod\nspec:\n  nodeName: x\n", r"x\.yaml:3: Pod \(no name\) has no containers"),
        ("kind: Pod\nspec:\n  containers: many\n", r"x\.yaml:3: Pod \(no name\) has no containers"),
        ("[" * 5000, r"x\.yaml:1: more than 200 maps and lists within each other"),
        ("kind: List\nitems: &a [{kind: List, items: *a}]\n", r"x\.yaml:2: more than 8 lists within each other"),
        (f"kind: List\n{LISTS}", r"x\.yaml: this is more than 10000 objects"),
        (b" " * (reading.LARGEST + 1), r"x\.yaml is larger than 4 MiB"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(text: str | bytes, told: str) -> None:
    with pytest.raises(UsageError, match=f"^{told}$") as raised:
        read(text)
    assert "\n" not in raised.value.message


def test_a_file_that_laughs_a_billion_times_is_read_at_once() -> None:
    (one,) = read(f"{LAUGHS}{POD}")
    assert one.name == "a"


@pytest.mark.parametrize(
    "text",
    [
        POD,
        POD.replace("\n", "\r\n"),
        "\ufeff" + POD,
        '{"kind": "Pod",\n\t"spec": {"containers": [\n\t\t{"name": "a", "image": "b:1"}]}}',
        "x: &c {name: a, image: 'b:1'}\nkind: Pod\nspec: {containers: [*c]}\n",
        "x: &c {name: a, image: 'b:1'}\nkind: Pod\nspec: {containers: [{<<: *c}]}\n",
        "x: &c {name: n, image: 'b:1'}\nkind: Pod\nspec: {containers: [{<<: [{image: 'b:1'}, *c], name: a}]}\n",
        "kind: Pod\nspec: {containers: [{name: z, name: a, image: 'y', image: 'b:1'}]}\n",
    ],
)
def test_it_is_read_as_kubectl_reads_it(text: str) -> None:
    (one,) = read(text)
    assert (one.name, one.image.text if one.image else None) == ("a", "b:1")


def test_json_may_write_a_character_as_two() -> None:
    written = r'{"kind": "Pod", "spec": {"containers": [{"name": "\ud83d\ude00 \ud83d \\ud83d"}]}}'
    (one,) = read(written)
    assert one.name == "\U0001f600 \ufffd \\ud83d"


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Pod", "spec: {containers: [{name: a, image: b}]}"),
        ("PodTemplate", "template: {spec: {containers: [{name: a, image: b}]}}"),
        ("CronJob", "spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b}]}}}}}"),
        *(
            (kind, "spec: {template: {spec: {containers: [{name: a, image: b}]}}}")
            for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController")
        ),
        ("DeploymentConfig", "spec: {template: {spec: {containers: [{name: a, image: b}]}}}"),
        ("Rollout", "spec: {template: {spec: {containers: [{name: a, image: b}]}}}"),
    ],
)
def test_whatever_makes_pods_is_found_in_lists_and_documents_too(kind: str, spec: str) -> None:
    one = f"kind: {kind}\nmetadata: {{name: x}}\n{spec}\n"
    inside = f"kind: List\nitems:\n- {{kind: {kind}, metadata: {{name: x}}, {spec}}}\n- {{kind: Service}}\n"
    found = read(f"{one}---\nkind: ConfigMap\n---\n{inside}")
    assert [(each.workload.kind, each.workload.name, each.name) for each in found] == [(kind, "x", "a")] * 2


def test_containers_of_every_kind_are_found() -> None:
    text = """\
kind: Pod
spec:
  initContainers: [{name: i, image: one}]
  containers: [{name: c, image: two}]
  volumes: [{name: v, image: {reference: three, pullPolicy: Never}}, {name: w, emptyDir: {}}]
"""
    told = [(each.kind, each.name, each.image and each.image.text) for each in read(text)]
    assert told == [("init container", "i", "one"), ("container", "c", "two"), ("image volume", "v", "three")]


def test_files_directories_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.yml").write_text(POD)
    (tmp_path / "two.json").write_text('{"kind": "Service"}')
    (tmp_path / "notes.txt").write_text("[")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(POD.encode())))
    names = [document.source for document in reading.read([str(tmp_path), "-", str(tmp_path / "two.json")])]
    assert names == [
        str(tmp_path / "deep" / "one.yml"),
        str(tmp_path / "two.json"),
        "stdin",
        str(tmp_path / "two.json"),
    ]


@pytest.mark.parametrize("name", ["missing.yaml", "empty"])
def test_what_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"^there is no (file|manifest in) .*(missing\.yaml|empty)$"):
        reading.read([str(tmp_path / name)])
