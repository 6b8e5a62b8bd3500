"""Secrets that runtimes and registries put into what they say."""

import pytest

from pullscope.why.collect import redact


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            'Get "https://s3.test/blob?X-Amz-Signature=abc&X=1": connection reset',
            'Get "https://s3.test/blob?…": connection reset',
        ),
        ("dial https://me:hunter2@r.test/v2/ failed", "dial https://r.test/v2/ failed"),
        ("Authorization: Bearer eyJhbGciOiJSUzI1.abc-def sent", "Authorization: Bearer … sent"),
        ("Basic dXNlcjpwYXNz", "Basic …"),
        ("manifest unknown? no such tag", "manifest unknown? no such tag"),
        ("Bearer realm", "Bearer realm"),
    ],
)
def test_what_is_left_of_it(said: str, kept: str) -> None:
    assert redact.text(said) == kept
