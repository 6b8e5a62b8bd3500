"""The clock that a lab lives by: the machine's, a faster one, or one that stands still until it is told to go on.

Everything in a lab that waits, back-off and heartbeats, image collection and scheduled imports, waits on this clock.
Commands of the lab's process (`control`): `clock` says the time, `advance` lets some of it pass.
"""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

from pullscope.base import tasks
from pullscope.base.clock import Clock, FastClock, HeldClock, SystemClock
from pullscope.base.errors import UsageError
from pullscope.kube import meta
from pullscope.lab import control
from pullscope.lab.control import Answer, Arguments

MANUAL = "manual"
SYSTEM = "system"

_FASTEST = 1000.0
_LONGEST = 31 * 86400.0  # seconds at once
_OFTEN = 0.5  # seconds of the machine's time between two words about how far it is


def wanted(speed: str | None, clock: str | None) -> str | None:
    """What two options ask `make` for. Raises UsageError."""
    if clock not in (None, MANUAL):
        raise UsageError(f"there is no clock {clock!r}", hint=f"--clock {MANUAL}, or --speed with a number")
    if clock and speed:
        raise UsageError("a clock that stands still has no speed", hint="leave out --speed or --clock")
    return clock or (f"{_speed(speed):g}" if speed else None)


def make(wanted: str | None) -> Clock:
    """The clock of that name, or one so many times as fast as the machine's. Raises UsageError."""
    match wanted:
        case None | "system":  # SYSTEM
            return SystemClock()
        case "manual":  # MANUAL
            return HeldClock()
        case _:
            return FastClock(_speed(wanted))


def _speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 1 <= number <= _FASTEST:
        raise UsageError(f"{text!r} is no speed", hint=f"a number from 1 to {_FASTEST:g}: 60 makes a minute a second")
    return number


def name(clock: Clock) -> str:
    """What `make` made it from."""
    match clock:
        case HeldClock():
            return MANUAL
        case FastClock():
            return f"{clock.speed:g}"
    return SYSTEM


def of(clock: Clock) -> control.Commands:
    """The commands."""
    return {"clock": control.answering(partial(_time, clock)), "advance": partial(_advance, clock)}


async def _time(clock: Clock) -> Answer:
    return {"now": meta.timestamp(clock.now())}


async def _advance(clock: Clock, arguments: Arguments) -> AsyncGenerator[Answer]:
    """The time after so many `seconds`; while that takes long, also what time it is and how many are `left`.

    Raises UsageError for a clock that goes by itself.
    """
    if not isinstance(clock, HeldClock):
        raise UsageError("this lab's clock goes by itself", hint="start one with `pullscope up --clock manual`")
    seconds = float(arguments["seconds"])
    if not 0 < seconds <= _LONGEST:
        raise UsageError(f"a clock cannot be advanced by {seconds:g} seconds", hint="at most 31 days at once")
    end, passing = clock.monotonic() + seconds, asyncio.create_task(clock.pass_by(seconds))
    try:
        while not (await asyncio.wait((passing,), timeout=_OFTEN))[0]:
            yield {**await _time(clock), "left": end - clock.monotonic()}
        await passing
    finally:
        await tasks.end(passing)
    yield await _time(clock)
