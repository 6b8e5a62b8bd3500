"""Field selectors: matches, supported fields and upstream's sentences."""

import pytest

from pullscope.kube import fields, status

POD_FIELDS = (*fields.COMMON, "spec.nodeName", "status.phase", "spec.hostNetwork")
POD = {
    "metadata": {"name": "p", "namespace": "demo"},
    "spec": {"nodeName": "crc", "hostNetwork": True},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("", True),
        ("metadata.name=p", True),
        ("metadata.name==p,metadata.namespace=demo", True),
        ("metadata.name=q", False),
        ("spec.nodeName=crc,status.phase!=Succeeded,status.phase!=Failed", True),
        ("status.phase!=Running", False),
        ("spec.hostNetwork=true", True),
        (",metadata.name=p,", True),
    ],
)
def test_selects(text: str, selected: bool) -> None:
    values = fields.of(POD, POD_FIELDS)
    assert fields.parse(text, POD_FIELDS).matches(values) is selected


def test_an_absent_field_is_the_empty_text() -> None:
    values = fields.of({"metadata": {"name": "p"}, "spec": None}, POD_FIELDS)
    assert fields.parse("spec.nodeName=", POD_FIELDS).matches(values)


def test_exact_value_for_an_index() -> None:
    selector = fields.parse("spec.nodeName=crc,status.phase!=Failed", POD_FIELDS)
    assert selector.exact("spec.nodeName") == "crc"
    assert selector.exact("status.phase") is None
    assert selector.exact("metadata.name") is None


@pytest.mark.parametrize(
    ("text", "supported", "message"),
    [
        ("a", POD_FIELDS, "invalid selector: 'a'; can't understand 'a'"),
        (
            "metadata.name=a=b",
            POD_FIELDS,
            "invalid selector: 'metadata.name=a=b'; can't understand 'metadata.name=a=b'",
        ),
        ("spec.x=1", POD_FIELDS, "field label not supported: spec.x"),
        (
            "spec.x=1",
            fields.COMMON,
            '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
    ],
)
def test_complaints_are_upstreams(text: str, supported: tuple[str, ...], message: str) -> None:
    with pytest.raises(status.ApiError) as refused:
        fields.parse(text, supported)
    assert (refused.value.code, refused.value.message) == (400, message)


def test_text_form_reads_back() -> None:
    selector = fields.parse("status.phase!=Failed,metadata.name==p", POD_FIELDS)
    assert str(selector) == "metadata.name=p,status.phase!=Failed"
    assert fields.parse(str(selector), POD_FIELDS) == selector
