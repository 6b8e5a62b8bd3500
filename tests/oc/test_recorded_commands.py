"""Every command of `tests/data/oc` against a whole lab: its requests, as oc sent them, get what oc needs.

What our answers lack is listed here with its reason, and an entry that nothing needs any more has to go.
"""

import re
from dataclasses import dataclass

from tests.oc import replaying
from tests.oc.replaying import Client

from pullscope.clusters import transport
from pullscope.clusters.kubeconfig import Access
from pullscope.lab import assembly
from pullscope.lab.config import LabConfig


@dataclass(frozen=True)
class Known:
    """A difference that is meant: the exchange and what it lacks, as regular expressions, and why."""

    exchange: str
    lack: str
    why: str

    def explains(self, exchange: str, lack: str) -> bool:
        return bool(re.fullmatch(self.exchange, exchange) and re.match(self.lack, lack))


_WORKLOADS = r".*: (GET|PATCH) /apis/apps/v1/namespaces/demo/deployments/\S+"
KNOWN = (
    Known("login.*/.well-known/.*", r"\$\.scopes_supported", "tokens are for all that their user may do"),
    Known("login: GET /oauth/authorize", "type text/plain", "a redirection without a page"),
    Known(
        "login.*: GET .*/motd", r"\$\.message: 'configmaps", "as a real server words it; the stub speaks of the path"
    ),
    Known("login.*/projects", r"\$\.items\[openshift-infra\]", "a lab has fewer namespaces than a cluster"),
    Known(
        "(new-project|create-namespace): POST .*",
        r"\$\.metadata\.(annotations|labels)",
        "a controller adds them at once",
    ),
    Known("version: .*/clusterversions/version", r"\$\.spec\.channel", "there are no updates"),
    Known(
        "get-all-empty: .*/(daemonsets|jobs)", r"\$\.columnDefinitions\[Created At\]", "they have columns of their own"
    ),
    Known("get-all-empty: .*/(cronjobs|horizontalpodautoscalers)", "status 404", "not advertised, so oc does not ask"),
    Known(
        "api-resources-legacy: .*/(metrics|networking|policy|events|autoscaling)(.k8s.io)?/v.*",
        "status 404",
        "not there",
    ),
    Known(
        "api-resources-legacy: .*/(autoscaling|route.*)/v1", r"\$\.resources", "there are none, and none can be made"
    ),
    Known("api-resources-legacy: .*/template.*", r"\$\.resources\[processedtemplates\]", "clients process templates"),
    Known("get-nodes: .*", r"\$\.rows\[0\].*os_id", "a node is no machine with an operating system of its own"),
    Known(_WORKLOADS, r"\$\.status\.", "the stub's pods ran at once, of an image that is nowhere"),
    Known("apply-ssa: PATCH .*", "status 409", "managers are kept here: oc has a first request for that"),
    Known("apply-unknownfield: POST .*", r"\$.*imagePullpolicy is missing", "what is ignored is not kept"),
    Known("describe-node: .*/leases/crc", "status 200", "the node has its Lease"),
    Known("expose-route: POST .*/routes", "status 405", "there is no pod network"),
    Known("auth-can-i: POST .*", r"\$\.status\.reason", "the right that allows it is named"),
    Known("logout: DELETE .*", "status 200", "a login is an object, and deleting it ends it"),
)


async def test_each_request_gets_what_oc_needs() -> None:
    found: list[tuple[str, str]] = []
    async with (
        assembly.running(LabConfig()) as lab,
        transport.open_transport(Access(lab.server, ca=lab.access.ca)) as http,
    ):
        client = Client(http, lab.credentials.kubeadmin_password)
        for exchange in replaying.exchanges():
            answer = await client.send(exchange)
            found += [(str(exchange), lack) for lack in replaying.lacking(exchange, answer)]
    assert [each for each in found if not any(known.explains(*each) for known in KNOWN)] == []
    assert [known for known in KNOWN if not any(known.explains(*each) for each in found)] == []
