"""The embedded container runtime: images over a blob store, containers in the WASI sandbox, one process, no root."""

from pullscope.cri.embedded.runtime import EmbeddedRuntime

__all__ = ["EmbeddedRuntime"]
