"""The command as a user types it: forms, files, wrong options, and Ctrl-C."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pullscope.cli import program
from pullscope.verify.cases import suites
from pullscope.verify.scenarios.objects import LOGINS


def test_json_of_one_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["verify", "--case", "4", "-o", "json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["schema"] == "pullscope.verify/v1"
    assert [(case["id"], case["verdict"]) for case in document["cases"]] == [("4", "pass")]
    assert err == ""


def test_a_file_instead_of_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.md"
    assert program.run(["verify", "--case", "8", "-o", "markdown", "--output-file", str(path)]) == 0
    assert path.read_text(encoding="utf-8").startswith("| No. | imagePullPolicy |")
    assert capsys.readouterr().out == ""


def test_the_table_and_the_evidence_of_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["verify", "--case", "6"]) == 0
    out = capsys.readouterr().out
    assert "start → name → policy → present → access → node-image" in out
    assert "1 passed in" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--case", "9"], "error: there is no case 9"),
        (["--output-file", "/no/such/directory/x"], "there is no such directory"),
        (["--output-file", "."], "it is a directory"),
        (["-o", "yaml"], "yaml"),
        (
            ["--topic", "rollout"],
            "error: there is no topic rollout\nhint: the topics are article, matrix, defaulting, ",
        ),
        (["--transcript", "x.md"], "--transcript and --base are for --method article"),
        (["--method", "article", "--transcript", "/no/such/directory/x"], "there is no such directory"),
    ],
)
def test_wrong_options_are_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.run(["verify", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_the_shell_completes_topics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them; none is written down twice."""
    monkeypatch.setenv("_PULLSCOPE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "pullscope verify --topic re")
    monkeypatch.setenv("COMP_CWORD", "3")
    with pytest.raises(SystemExit):  # the shell's helper is no command
        program.run([])
    offered = capsys.readouterr().out.split()
    assert offered == [topic for topic in suites.TOPICS if topic.startswith("re")]
    assert len(offered) >= 2


def test_scenarios_are_told_without_anybodys_password(capsys: pytest.CaptureFixture[str]) -> None:
    """One whose secret is wrong, and one in which crictl pulls with credentials."""
    assert program.run(["verify", "--case", "c3", "--case", "v13", "-o", "json"]) == 0
    out = capsys.readouterr().out
    wrong, by_hand = json.loads(out)["cases"]
    assert [each["topic"] for each in (wrong, by_hand)] == ["credentials", "reverification"]
    assert [each["outcome"] for each in wrong["evidence"]["sights"]] == ["waiting", "running"]
    assert any(step["did"].startswith("crictl pull ") for step in by_hand["evidence"]["story"])
    assert not any(password in out for _, password in LOGINS.values())


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole console")
@pytest.mark.parametrize(
    ("keep", "sent"),
    [(True, "SIGINT"), (False, "SIGINT"), (False, "SIGHUP")],
    ids=["kept", "Ctrl-C", "closed terminal"],
)
def test_an_early_end_leaves_nothing(keep: bool, sent: str, tmp_path: Path) -> None:
    """With --keep the lab waits for it, and the exit code is the verdict's."""
    arguments = ["verify", "--case", "4", *(["--keep"] if keep else [])]
    code = "import sys; from pullscope.cli import program; sys.exit(program.run())"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    ) as process:
        if keep:
            assert process.stderr is not None
            assert any("until Ctrl-C" in line for line in process.stderr)
        else:
            while not any(tmp_path.iterdir()):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    pytest.fail(f"it ended with {process.wait(timeout=0.02)}")
        process.send_signal(signal.Signals[sent])
        process.communicate(timeout=30)
    assert process.returncode == (0 if keep else 130)
    assert list(tmp_path.iterdir()) == []
