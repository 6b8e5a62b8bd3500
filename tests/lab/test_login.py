"""Logging in to a lab: with the password that `up` tells, as oc does, and not with another lab's token."""

import asyncio
import logging
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pullscope.clusters import transport
from pullscope.clusters.kubeconfig import Access
from pullscope.kube import resources
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig
from pullscope.oc import login
from pullscope.oc.login import LoginFailedError


def access(lab: Lab) -> Access:
    return Access(lab.server, ca=lab.access.ca)


async def who(lab: Lab, token: str) -> int:
    async with transport.open_transport(replace(access(lab), authorization=f"Bearer {token}")) as opened:
        return (await opened.ask("GET", "/apis/user.openshift.io/v1/users/~", headers={})).code


async def test_the_lab_knows_its_people(kubectl: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with assembly.running(LabConfig()) as lab:
        users = [each["metadata"]["name"] for each in (await lab.api.list(resources.USERS)).items]
        assert users == ["developer", "kubeadmin"]
        password = lab.credentials.kubeadmin_password
        token = await login.token(access(lab), "kubeadmin", password)
        for name in ("developer", "kubeadmin"):
            with pytest.raises(LoginFailedError):
                await login.token(access(lab), name, "wrong-password")
        command = [kubectl, "--kubeconfig", str(lab.kubeconfig), "--token", token, "auth", "whoami"]
        told = await asyncio.to_thread(subprocess.run, command, capture_output=True, encoding="utf-8", check=True)
    assert [line.split() for line in told.stdout.splitlines() if not line.startswith("UID")] == [
        ["ATTRIBUTE", "VALUE"],
        ["Username", "kubeadmin"],
        ["Groups", "[system:cluster-admins", "system:authenticated]"],
        ["Extra:", "scopes.authorization.openshift.io", "[user:full]"],
    ]
    assert not any(secret in caplog.text for secret in (token, password, "wrong-password"))


async def test_logins_last_while_the_lab_is_down(tmp_path: Path) -> None:
    config = LabConfig(root=tmp_path)
    async with assembly.running(config) as lab:
        kept, forgotten = [await login.token(access(lab), "developer", "developer") for _ in range(2)]
        async with transport.open_transport(replace(access(lab), authorization=f"Bearer {kept}")) as opened:
            await login.forget(opened, forgotten)
    async with assembly.running(config) as lab, assembly.running(LabConfig(name="other")) as other:
        assert [await who(lab, token) for token in (kept, forgotten)] == [200, 401]
        assert [await who(other, token) for token in (kept, lab.credentials.developer_token)] == [401, 401]
