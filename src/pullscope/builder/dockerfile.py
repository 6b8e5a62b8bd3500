"""Put the Dockerfile in its place before the image is built, when the build brings one of its own.

Upstream: openshift/builder pkg/build/builder/source.go (ManageDockerfile).
"""

import posixpath

from pullscope.builder.failing import BuildError
from pullscope.builder.job import Job
from pullscope.openshift import buildreasons

NAME = "Dockerfile"


async def run(job: Job) -> None:
    """Write it, and see that there is one for those who need it. Raises BuildError, OSError."""
    path = posixpath.join(job.inputs, NAME)
    if (text := job.spec["source"].get("dockerfile")) is not None:
        try:
            job.writable(job.inputs).mkdir(parents=True, exist_ok=True)
            job.writable(path).write_text(text, encoding="utf-8")
        except OSError as error:
            why = f"open {path}: {(error.strerror or '').lower()}"
            raise BuildError(buildreasons.MANAGE_DOCKERFILE, why) from error
    if (docker := job.spec["strategy"].get("dockerStrategy")) is not None:
        wanted = posixpath.join(job.inputs, docker.get("dockerfilePath") or NAME)
        if not job.context.root.find(wanted).host.is_file():
            raise BuildError(buildreasons.MANAGE_DOCKERFILE, f"open {wanted}: no such file or directory")
