"""Faults of the lab's registry, for whoever runs the lab: add, list, clear. Commands of the lab's process (`control`)."""

from collections.abc import AsyncGenerator
from dataclasses import asdict
from functools import partial

from pullscope.lab import control
from pullscope.lab.control import Answer, Arguments
from pullscope.lab.registry import RegistryFaults
from pullscope.registry.faults import Active, Fault


def of(faults: RegistryFaults) -> control.Commands:
    """The commands."""
    return {
        "fault": partial(_add, faults),
        "faults": partial(_list, faults),
        "clear-faults": partial(_clear, faults),
    }


def document(active: Active) -> Answer:
    """A fault in `status` and in `-o json`: what of it is set, and what is left of it."""
    said = {
        name: value
        for name, value in asdict(active.fault).items()
        if not (value is None or value is False or value == "")
    }
    return {"id": active.id, "fault": str(active.fault), **said, **({"left": active.left} if active.left else {})}


async def _add(faults: RegistryFaults, arguments: Arguments) -> AsyncGenerator[Answer]:
    """The fault that `fault` describes. Raises UsageError."""
    yield document(await faults.add(Fault(**arguments["fault"])))


async def _list(faults: RegistryFaults, _: Arguments) -> AsyncGenerator[Answer]:
    for active in faults.active():
        yield document(active)


async def _clear(faults: RegistryFaults, arguments: Arguments) -> AsyncGenerator[Answer]:
    """Those that are gone: those with the `ids`, or all. Raises UsageError."""
    for active in await faults.clear(arguments["ids"]):
        yield document(active)
