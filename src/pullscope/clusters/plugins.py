"""Credentials that a provider hands out: OIDC, GCP. By kubernetes_asyncio's loader.

Import late. Tokens that are refreshed on the way are not written back to the kubeconfig.
"""

from pathlib import Path
from typing import Any

from kubernetes_asyncio.client.configuration import Configuration
from kubernetes_asyncio.config.config_exception import ConfigException
from kubernetes_asyncio.config.kube_config import KubeConfigLoader

from pullscope.base import tasks
from pullscope.base.clock import SystemClock
from pullscope.clusters.entries import BrokenError, Entry, Identity

_PATIENCE = 60.0  # seconds

# The loader raises its own exception, or stumbles over what it did not expect of a provider.
_STUMBLES = (ConfigException, OSError, ValueError, TypeError, AttributeError, KeyError, AssertionError)


async def identity(user: Entry) -> Identity:
    """What the user entry's provider gives. Raises BrokenError."""
    only = {
        "current-context": "this",
        "contexts": [{"name": "this", "context": {"cluster": "this", "user": "this"}}],
        "clusters": [{"name": "this", "cluster": {"server": "https://this"}}],
        "users": [{"name": "this", "user": {name: value for name, value in user.items() if name != "directory"}}],
    }
    loader: Any = KubeConfigLoader(only, config_base_path=str(user["directory"]))  # Any: its classes are half typed
    configuration = Configuration()
    try:
        if await tasks.within(SystemClock(), _PATIENCE, _loaded(loader, configuration)) is None:
            raise BrokenError(f"its credentials: the provider did not answer within {_PATIENCE:.0f} s")
        token = await configuration.get_api_key_with_prefix("BearerToken")
        return Identity(token, _read(configuration.cert_file), _read(configuration.key_file))
    except _STUMBLES as error:
        raise BrokenError(f"its credentials: {error}") from error


async def _loaded(loader: Any, configuration: Configuration) -> bool:
    await loader.load_and_set(configuration)
    return True


def _read(path: str | None) -> bytes | None:
    return Path(path).read_bytes() if path else None
