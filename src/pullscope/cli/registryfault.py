"""`pullscope registry fault`: let a lab's registry go wrong, and be right again."""

import json
import re
from collections.abc import Callable
from typing import Annotated, Any

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope registry fault                                   what goes wrong now
  pullscope registry fault status=503 --for 30s              all of the registry is unavailable
  pullscope registry fault status=429 -r team/app --times 3  the next three requests for a repository
  pullscope registry fault latency=200ms bandwidth=100k      slow
  pullscope registry fault rate-limit=100                    as Docker Hub: 100 pulls in six hours
  pullscope registry fault cut-after=1Mi                     downloads of blobs end there
  pullscope registry fault wrong-digest                      content that is not what it is called
  pullscope registry fault hang                              no answer, ever; reset: connections end instead
  pullscope registry fault refuse                            nobody listens any more
  pullscope registry fault --clear                           all is right again; --clear 2: only that one
"""
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LIMITS = {"repository": "--repository", "times": "--times", "seconds": "--for"}
_SIZES = {"": 1, "k": 10**3, "M": 10**6, "Ki": 2**10, "Mi": 2**20}


def fault(
    effects: Annotated[
        list[str] | None, typer.Argument(metavar="[FAULT…]", help="What goes wrong; with --clear, which ones.")
    ] = None,
    repository: Annotated[
        str, typer.Option("--repository", "-r", help="As team/app. [all of the registry]", metavar="NAME")
    ] = "",
    times: Annotated[int | None, typer.Option(help="For so many requests. [any]", metavar="N")] = None,
    time: Annotated[
        str | None, typer.Option("--for", help="For so long, as 30s. [until it is cleared]", metavar="TIME")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Let it be right again.")] = False,
    name: labs.Name = "default",
    output: labs.Output = "table",
) -> None:
    """Let the lab's registry go wrong, until that is cleared or the lab stops; alone, list what goes wrong."""
    as_json, words = labs.wants_json(output), effects or []
    limits = {"repository": repository or None, "times": times, "seconds": None if time is None else seconds(time)}
    _check_limits(limits, clear=clear, words=words)
    if clear:
        found = labs.run(_asked(name, "clear-faults", {"ids": [number(word) for word in words]}))
    elif words:
        wanted = {key: value for key, value in {**effects_of(words), **limits}.items() if value is not None}
        found = labs.run(_asked(name, "fault", {"fault": wanted}))
    else:
        found = labs.run(_asked(name, "faults", {}))
    done = "Cleared: " if clear else "From now on: " if words else ""
    typer.echo(json.dumps({"faults": found}, indent=2) if as_json else table(found, done))


def _check_limits(limits: dict[str, Any], *, clear: bool, words: list[str]) -> None:
    """Limits are those of a fault that begins. Raises UsageError."""
    given = [option for name, option in _LIMITS.items() if limits[name] is not None]
    if given and clear:
        raise UsageError(f"{given[0]} limits what begins, and --clear ends it", hint="name faults by their numbers")
    if given and not words:
        raise UsageError(f"there is no fault that {given[0]} could limit", hint=f"the faults are {', '.join(_EFFECTS)}")


def table(found: list[dict[str, Any]], done: str) -> str:
    """The faults, one a line."""
    return "\n".join(f"{done}{each['id']}  {each['fault']}{_left(each)}" for each in found) or "No faults."


def _left(fault: dict[str, Any]) -> str:
    times = f"{fault['left']} times" if "left" in fault else ""
    limit = f"for {fault['seconds']:g}s" if "seconds" in fault else ""
    told = ", ".join(part for part in (times, limit) if part)
    return f" ({told})" if told else ""


def effects_of(words: list[str]) -> dict[str, Any]:
    """What words such as `status=503` and `hang` mean, as `registry.faults.Fault` has it. Raises UsageError."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        read = _EFFECTS.get(key)
        if read is None:
            raise UsageError(f"there is no fault {key!r}", hint=f"the faults are {', '.join(_EFFECTS)}")
        if (read is _switch) == bool(equals):
            raise UsageError(f"{key} {'takes no value' if equals else f'needs a value, as {key}=…'}")
        if key.replace("-", "_") in found:
            raise UsageError(f"{key} is given twice", hint="a command begins one fault; the other one takes another")
        found[key.replace("-", "_")] = read(value)
    return found


def _switch(_: str) -> bool:
    return True


def number(text: str) -> int:
    """A whole number. Raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{text!r} is no number")
    return int(text)


def seconds(text: str) -> float:
    """A time such as `200ms`, `30s`, `5m`. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h)", text, re.ASCII)
    if not found:
        raise UsageError(f"{text!r} is no time", hint="write it as 200ms, 30s or 5m")
    return float(found[1]) * _UNITS[found[2]]


def size(text: str) -> int:
    """Bytes, as `4096`, `100k`, `1Mi`. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,12})(k|M|Ki|Mi|)", text, re.ASCII)
    if not found:
        raise UsageError(f"{text!r} is no size", hint="write it as 4096, 100k or 1Mi")
    return int(found[1]) * _SIZES[found[2]]


_EFFECTS: dict[str, Callable[[str], Any]] = {
    "status": number,
    "latency": seconds,
    "bandwidth": size,
    "cut-after": size,
    "wrong-digest": _switch,
    "no-repository": _switch,
    "rate-limit": number,
    "hang": _switch,
    "reset": _switch,
    "refuse": _switch,
}


async def _asked(name: str, command: str, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    from pullscope.lab import control, lifecycle

    run = await lifecycle.reach(labs.state_of(name), labs.clock())
    return [part async for part in control.follow(run, command, **arguments)]
