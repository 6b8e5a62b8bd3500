"""What this machine is, asked once when a node starts. Linux, macOS and Windows."""

import ctypes
import os
import platform
import sys

from pullscope.cri.api import Version
from pullscope.node.nodestatus import Machine, os_image

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def of_this(version: Version, pods: int) -> Machine:
    """The machine, with the runtime's own name and version, as a node that takes so many pods."""
    machine = platform.machine().lower()
    return Machine(
        cpus=os.cpu_count() or 1,
        memory=_memory(),
        runtime=f"{version.runtime_name}://{version.runtime_version}",
        operating_system=platform.system().lower(),
        architecture=_ARCHITECTURES.get(machine, machine),
        kernel=platform.release(),
        os_image=os_image(),
        pods=pods,
    )


def _memory() -> int:
    """Physical memory in bytes."""
    return _windows_memory() if sys.platform == "win32" else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _windows_memory() -> int:
    """GetPhysicallyInstalledSystemMemory answers in KiB."""
    installed = ctypes.c_ulonglong(0)
    kernel32 = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]  # only on Windows
    kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(installed))
    return installed.value * 1024
