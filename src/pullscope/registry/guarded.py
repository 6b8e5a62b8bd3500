"""A registry that everybody may read and only its owner may write: for one that listens beyond this machine."""

import base64
import hmac

from aiohttp import web

from pullscope.oci import errors
from pullscope.registry import app, calls
from pullscope.registry.app import Handler
from pullscope.registry.calls import Call

USER = "pullscope"
_READING = ("GET", "HEAD")


def by(password: str) -> Handler:
    """A handler that asks for Basic credentials, `USER` and this password, before anything is changed."""
    wanted = base64.b64encode(f"{USER}:{password}".encode())

    async def handle(call: Call) -> web.StreamResponse:
        scheme, _, given = call.request.headers.get("Authorization", "").partition(" ")
        shown = given.strip().encode() if scheme.lower() == "basic" else b""
        if call.request.method in _READING or hmac.compare_digest(shown, wanted):
            return await app.answer(call)
        response = calls.failure(errors.UNAUTHORIZED.error())
        response.headers["WWW-Authenticate"] = 'Basic realm="pullscope"'
        return response

    return handle
