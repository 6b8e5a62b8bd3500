"""The stand-in for the tutorial's base image, and mirrors at work in a whole lab."""

from pullscope.kube import resources
from pullscope.lab import assembly, tutorial
from pullscope.lab.config import LabConfig


async def test_the_base_image_is_imported_from_the_stand_in() -> None:
    name = tutorial.IMAGE
    images = [{"from": {"kind": "DockerImage", "name": str(name)}, "to": {"name": name.tag}}]
    wanted = {"metadata": {"name": "eap"}, "spec": {"import": True, "images": images}}
    async with assembly.running(LabConfig(tutorial=True)) as lab:
        done = await lab.api.create(resources.IMAGE_STREAM_IMPORTS, "default", wanted)
        [result] = done["status"]["images"]
        assert result["status"]["status"] == "Success"
        config = result["image"]["dockerImageMetadata"]["Config"]
        assert config["Labels"]["com.redhat.deployments-dir"] == "/deployments"
        assert config["ExposedPorts"] == {"8080/tcp": {}}
        [kubelet] = lab.nodes
        await kubelet.images.pull_image(str(name))
        [image] = await kubelet.images.list_images()
        assert image.repo_tags == (str(name),)
