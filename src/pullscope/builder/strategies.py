"""Source and Docker builds: make the image and push it.

Upstream: openshift/builder pkg/build/builder/sti.go and docker.go.
"""

from pathlib import Path

from pullscope.builder import bases, dockerfile, generating, making, pushing
from pullscope.builder.bases import Base
from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.content import streams
from pullscope.content.disk import DiskStore
from pullscope.images.context import IGNORE_FILE, Context, ContextError
from pullscope.images.dockerfile import lines, steps
from pullscope.images.dockerfile.building import Recipe
from pullscope.images.dockerfile.lines import DockerfileError
from pullscope.openshift import builder, buildreasons
from pullscope.openshift.buildreasons import Reason

_SCRATCH = "scratch"
_S2I_IGNORE = ".s2iignore"


async def source(job: Job) -> None:
    """Put the files where the builder image wants them. Raises BuildError, OSError."""
    image = job.strategy["from"]["name"]
    base = await bases.pull(job, image, _store(job))
    job.say(f"Generating dockerfile with builder image {image}")
    context = await _context(job, _S2I_IGNORE, buildreasons.GENERIC)
    labels = base.run.get("Labels") or {}
    recipe = Recipe(generating.of_source(job.build, image, labels, files=bool(context.files)), context)
    made = await making.make(job, base, recipe, buildreasons.GENERIC)
    await pushing.push(job, base, made)


async def docker(job: Job) -> None:
    """Do what the Dockerfile says. Raises BuildError, OSError."""
    context = await _context(job, IGNORE_FILE, buildreasons.DOCKER)
    arguments = {each["name"]: each.get("value") or "" for each in job.strategy.get("buildArgs") or ()}
    try:
        own = lines.read(context.text(job.strategy.get("dockerfilePath") or dockerfile.NAME))
        text, replaced = generating.of_docker(job.build, own)
        image = steps.base(text, arguments)
    except (ContextError, DockerfileError) as error:
        raise making.refusal(buildreasons.DOCKER, error) from error
    if replaced:
        job.say(f"Replaced Dockerfile FROM image {replaced}")
    base = await _base(job, image)
    made = await making.make(job, base, Recipe(text, context, arguments), buildreasons.DOCKER)
    await pushing.push(job, base, made)


async def _base(job: Job, image: str) -> Base:
    if image == _SCRATCH:
        return bases.scratch(DiskStore(_store(job)), job.powers.platforms[-1])
    return await bases.pull(job, image, _store(job))


def _store(job: Job) -> Path:
    return job.writable(builder.STORAGE)


async def _context(job: Job, ignore_file: str, reason: Reason) -> Context:
    try:
        return await streams.in_thread(Context, job.source(), ignore_file)
    except ContextError as error:
        raise BuildError(reason, f"build error: {error.message}") from error
