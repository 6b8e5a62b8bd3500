"""Which images a node keeps whatever happens: those that its runtime calls pinned.

Upstream: CRI-O's `pinned_images` (internal/storage/image.go, CompileRegexpsForPinnedImages); the kubelet never collects them.
"""

from collections.abc import Iterable, Sequence


def is_pinned(names: Iterable[str], patterns: Sequence[str]) -> bool:
    """Whether a pattern fits one of the image's names, in whatever case.

    A pattern is a whole name, or how it begins (`quay.io/team/*`), or a part of it (`*team*`).
    """
    return any(_fits(name.lower(), pattern.lower()) for name in names for pattern in patterns)


def _fits(name: str, pattern: str) -> bool:
    if not pattern.endswith("*"):
        return name == pattern
    if pattern.startswith("*"):
        return pattern[1:-1] in name
    return name.startswith(pattern[:-1])
