"""Objects as `-o yaml` and `-o json` print them: as Go writes them."""

from pullscope.oc import printing

OBJECT = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {
        "name": "a",
        "creationTimestamp": "2026-11-21T12:00:56Z",
        "annotations": {"empty": "", "number": "1", "lines": "a\nb\n", "yes": "yes"},
        "managedFields": [{}],
    },
    "spec": {"containers": [{"args": [], "image": " ", "tty": False}]},
}


def test_yaml() -> None:
    assert printing.shown([OBJECT], "yaml", single=True) == (
        "apiVersion: v1\n"
        "kind: Pod\n"
        "metadata:\n"
        "  annotations:\n"
        '    empty: ""\n'
        "    lines: |\n"
        "      a\n"
        "      b\n"
        '    number: "1"\n'
        '    "yes": "yes"\n'
        '  creationTimestamp: "2026-11-21T12:00:56Z"\n'
        "  name: a\n"
        "spec:\n"
        "  containers:\n"
        "  - args: []\n"
        "    image: ' '\n"
        "    tty: false\n"
    )


def test_json_of_several() -> None:
    text = printing.shown([{"kind": "X", "apiVersion": "v1"}], "json", single=False)
    assert text.splitlines()[:4] == ["{", '    "apiVersion": "v1",', '    "items": [', "        {"]
    assert text.endswith('    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n')


def test_long_text_stays_on_its_line() -> None:
    assert printing.as_yaml({"a": "word " * 60 + "end"}).count("\n") == 1
