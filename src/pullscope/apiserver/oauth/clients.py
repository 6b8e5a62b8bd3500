"""Who may ask for tokens, and where their answers may go. Upstream: openshift/oauth-server pkg/oauthserver/auth.go.

A lab knows the one client that asks for the password itself. Those that send people to a page of the browser
(openshift-browser-client, openshift-cli-client of `oc login --web`) are not there, since there is no such page.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CHALLENGING = "openshift-challenging-client"
IMPLICIT_PATH = "/oauth/token/implicit"


@dataclass(frozen=True)
class Client:
    """One client. It has no secret: everybody has `oc`."""

    name: str
    redirect_uris: tuple[str, ...]


def registered(issuer: str) -> Mapping[str, Client]:
    """The clients by name. `issuer` is the server's URL as its client typed it: answers go back there and nowhere else."""
    return {CHALLENGING: Client(CHALLENGING, (f"{issuer}{IMPLICIT_PATH}",))}
