"""The plugin's completion, as kubectl asks for it."""

import os

import pytest

from pullscope.cli import kubectlplugin


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["wh"], "why\n:4\n"),
        (["why", "--print"], "--print-rbac\n:4\n"),
        (["why", "nothing that is there"], "\n:4\n"),
    ],
)
def test_what_may_come_next(
    words: list[str], printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl_complete-pullscope", *words])
    monkeypatch.setattr("os.environ", dict(os.environ))
    assert kubectlplugin.complete() == 0
    assert capsys.readouterr().out == printed
