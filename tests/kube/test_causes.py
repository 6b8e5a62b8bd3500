"""The words of field errors, as recorded from a real API server or as upstream's field package prints them."""

import pytest

from pullscope.kube import causes, resources, status


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (
            causes.not_supported("spec.containers[0].imagePullPolicy", "always", ["Always", "IfNotPresent", "Never"]),
            (
                "spec.containers[0].imagePullPolicy: "
                'Unsupported value: "always": supported values: "Always", "IfNotPresent", "Never"'
            ),
        ),
        (
            causes.invalid("spec.containers[0].image", " nginx", "must not have leading or trailing whitespace"),
            'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
        ),
        (causes.required("spec.containers[0].image"), "spec.containers[0].image: Required value"),
        (causes.required("metadata.name", "name is required"), "metadata.name: Required value: name is required"),
        (causes.invalid("spec.replicas", -1, "must be >= 0"), "spec.replicas: Invalid value: -1: must be >= 0"),
        (causes.invalid("spec.x", True, "no"), "spec.x: Invalid value: true: no"),
        (causes.invalid("spec.x", None, "no"), 'spec.x: Invalid value: "null": no'),
        (causes.duplicate("spec.containers[1].name", "app"), 'spec.containers[1].name: Duplicate value: "app"'),
        (causes.not_found("spec.volumeMounts[0].name", "v"), 'spec.volumeMounts[0].name: Not found: "v"'),
        (causes.forbidden("spec", "may not change"), "spec: Forbidden: may not change"),
        (causes.too_long("metadata.annotations", 5), "metadata.annotations: Too long: must have at most 5 bytes"),
    ],
)
def test_words(cause: status.Cause, text: str) -> None:
    assert str(cause) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('a"b\\', r'"a\"b\\"'),
        ("tab\tnew\nline", r'"tab\tnew\nline"'),
        ("\x00\x7f", r'"\x00\x7f"'),
        ("ä木", '"ä木"'),
        ("\u200b", r'"\u200b"'),
        ("\U000e0001", r'"\U000e0001"'),
    ],
)
def test_quote_is_go_s(text: str, quoted: str) -> None:
    assert causes.quote(text) == quoted


def test_a_422_is_made_of_causes() -> None:
    error = status.invalid(resources.PODS, "p", [causes.required("spec.containers"), causes.forbidden("spec", "no")])
    assert error.message == 'Pod "p" is invalid: [spec.containers: Required value, spec: Forbidden: no]'
    assert error.status()["details"]["causes"][0] == {
        "reason": "FieldValueRequired",
        "message": "Required value",
        "field": "spec.containers",
    }
