"""How much memory this process has."""

import sys
from pathlib import Path

if sys.platform == "linux":
    import os

    def resident_bytes() -> int | None:
        """Resident memory in bytes: now on Linux, at its highest on macOS, None where it is not known."""
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

elif sys.platform == "darwin":
    import resource

    def resident_bytes() -> int | None:
        """The highest so far: the kernel tells no more to this interface."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

else:

    def resident_bytes() -> int | None:
        """Not known here."""
        return None
