"""The probe with an argument, in a lab: an init container that says what it holds and makes way."""

import json

from pullscope.testing.lab import Lab


def test_an_init_container_makes_way(pullscope_lab: Lab, pullscope_namespace: str) -> None:
    first = pullscope_lab.push({"init.war": b"x"}, "probe/first:v1").name
    app = pullscope_lab.push({"app.war": b"x"}, "probe/app:v1").name
    spec = {
        "initContainers": [{"name": "init", "image": first, "args": ["once"]}],
        "containers": [{"name": "app", "image": app}],
    }
    here = ("-n", pullscope_namespace)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "two"}, "spec": spec}
    pullscope_lab.kubectl("apply", *here, "-f", "-", stdin=json.dumps(pod))
    pullscope_lab.kubectl("wait", *here, "--for=condition=Ready", "pod/two", "--timeout=20s")
    status = json.loads(pullscope_lab.kubectl("get", "pod", "two", *here, "-o", "json"))["status"]
    ended = status["initContainerStatuses"][0]["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (0, "Completed")
    assert "running" in status["containerStatuses"][0]["state"]
    assert pullscope_lab.kubectl("logs", "two", *here, "-c", "init") == 'Deployed "/deployments/init.war"\nready\n'
    assert pullscope_lab.kubectl("logs", "two", *here, "-c", "app") == 'Deployed "/deployments/app.war"\nready\n'
