"""`/healthz`, `/livez` and `/readyz`: is the server well, and what was looked at?

There is one check, `ping`: everything that could ail alone upstream is one process here, and started before it answers.
Upstream: k8s.io/apiserver v0.36 pkg/server/healthz/healthz.go.
"""

from collections.abc import Mapping, Sequence

PATHS = ("/healthz", "/livez", "/readyz")
_CHECKS = ("ping",)


def told(path: str, query: Mapping[str, Sequence[str]]) -> str | None:
    """What is said under a path, None when there is nothing; `query` holds `verbose` and `exclude`."""
    root, _, check = path.removeprefix("/").partition("/")
    if f"/{root}" not in PATHS:
        return None
    if check:
        return "ok" if check in _CHECKS else None
    return _verbose(root, set(query.get("exclude", ()))) if "verbose" in query else "ok"


def _verbose(root: str, excluded: set[str]) -> str:
    lines = [f"[+]{check} excluded: ok" if check in excluded else f"[+]{check} ok" for check in _CHECKS]
    if unknown := sorted(excluded.difference(_CHECKS)):
        names = ",".join(f'"{name}"' for name in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {names}")
    return "\n".join([*lines, f"{root} check passed", ""])
