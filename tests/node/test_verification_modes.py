"""imagePullCredentialsVerificationPolicy on a node: each row of the table of `docs/private-images.md`, made to happen."""

from pathlib import Path

import pytest
from tests import pullsecrets
from tests.docs.tables import table
from tests.node.fakes import image
from tests.node.world import NS, Steady, World, world

from pullscope.kube import resources
from pullscope.node.context import NodeOptions
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.pull.verification import MODES, Mode, Verification

HOST = "127.0.0.1:5003"
ROWS = {row["policy"]: row for row in table("private-images.md", "policy") if "was pulled as nobody" in row}
HOW = ("another put there", "was pulled as nobody", "was pulled with a secret")


def verification(policy: str) -> Verification:
    """What a row's first cell says."""
    mode: Mode = next(mode for mode in MODES if policy.startswith(f"`{mode}`"))
    if mode != "NeverVerifyAllowlistedImages":
        return Verification(mode)
    return Verification(mode, ("r.test/a",) if policy.endswith("not on the list") else (f"{HOST}/m/*",))


async def arrange(world: World, refs: dict[str, str]) -> None:
    """The three images come to the node, each in its way."""
    body = pullsecrets.made("good", {HOST: {"username": "user", "password": "pass"}})
    await world.api.create(resources.SECRETS, NS, body)
    for how, ref in refs.items():
        found = image(ref, how)
        if how == "another put there":
            world.images.load(found)
            continue
        world.images.registry[ref] = found
        private = how == "was pulled with a secret"
        world.images.passwords |= {ref: "pass"} if private else {}
        secrets = {"imagePullSecrets": [{"name": "good"}]} if private else {}
        await world.run(name=f"first-{len(world.images.registry)}", container={"image": ref}, **secrets)


@pytest.mark.parametrize("policy", ROWS)
async def test_a_pod_without_credentials(policy: str, tmp_path: Path) -> None:
    config = KubeletConfig(verification=verification(policy))
    refs = {how: f"{HOST}/m/image{number}:v1" for number, how in enumerate(HOW)}
    found = {"policy": policy}
    async with world(tmp_path, NodeOptions(random=Steady(), config=config)) as node:
        await node.start()
        await arrange(node, refs)
        for number, (how, ref) in enumerate(refs.items()):
            await node.run(name=f"p{number}", container={"image": ref, "imagePullPolicy": "Never"})
            state = (await node.container(f"p{number}"))["state"]
            found[how] = "runs" if "running" in state else "must pull"
            assert state.get("waiting", {}).get("reason", "ErrImageNeverPull") == "ErrImageNeverPull"
    assert found == ROWS[policy]


def test_all_modes_are_in_the_table() -> None:
    assert {verification(policy).mode for policy in ROWS} == set(MODES)
