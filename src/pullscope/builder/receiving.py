"""Take a build's source from whoever started it: an archive that is unpacked, or a single file.

It comes over stdin, in pieces, and goes to the disk before anything looks at it: memory does not grow with it, and an
upload that breaks off leaves nothing.

Upstream: openshift/builder pkg/build/builder/source.go (extractInputBinary).
"""

from pathlib import Path

from pullscope.builder import uploads
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.content import streams
from pullscope.openshift import builder, buildreasons
from pullscope.runtime import entries
from pullscope.runtime.archive import Allowance, LayerError
from pullscope.runtime.toolbox.stdin import Stdin

_LARGEST = 8 << 30  # bytes that come over stdin; unpacked likewise
_EXTRACT = "unable to extract binary build input, must be a zip, tar, or gzipped tar, or specified as a file"


async def run(job: Job) -> None:
    """Take the source to where builds look for it. Raises BuildError, OSError."""
    name = job.spec["source"]["binary"].get("asFile")
    work = job.writable(builder.WORK)
    spool = work / "upload"
    job.say(f"Receiving source from STDIN as {f'file {name}' if name else 'archive ...'}")
    await _take(job.context.stdin, spool)
    inputs = job.writable(builder.INPUTS)
    if name:
        _keep(spool, inputs, name)
    else:
        try:
            await streams.in_thread(uploads.unpack, spool, inputs, Allowance(what="the upload"))
        except LayerError as error:
            raise BuildError(buildreasons.FETCH_SOURCE, f"{_EXTRACT}: {error.message}") from error
        spool.unlink()
    job.source()


async def _take(stdin: Stdin, spool: Path) -> None:
    taken = 0

    async def read() -> bytes:
        nonlocal taken
        piece = await stdin.read()
        taken += len(piece)
        if taken > _LARGEST:
            raise BuildError(buildreasons.FETCH_SOURCE, f"the upload has more than {_LARGEST} bytes")
        return piece

    with spool.open("xb") as file:
        await streams.receive(read, file)
    if stdin.broken:
        raise BuildError(buildreasons.FETCH_SOURCE, f"the upload broke off after {taken} bytes")


def _keep(spool: Path, inputs: Path, name: str) -> None:
    """One file is the source."""
    try:
        path = entries.checked(name)
        inputs.mkdir()
        spool.rename(inputs.joinpath(*path))
    except (LayerError, OSError) as error:
        why = error.message if isinstance(error, LayerError) else (error.strerror or "").lower()
        raise BuildError(buildreasons.FETCH_SOURCE, f"open {builder.INPUTS}/{name}: {why}") from error
