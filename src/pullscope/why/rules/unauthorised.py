"""The registry wants credentials, or refuses those of the pod."""

from pullscope.pull.complaints import Cause as Complaint
from pullscope.pull.flow import Text
from pullscope.why import mends, remedies, said
from pullscope.why.case import Case
from pullscope.why.findings import Cause, Mend

ID = "unauthorised"
TITLE = Text("the registry refuses access", "レジストリがアクセスを拒否している")


def look(case: Case) -> Cause | None:
    """The runtime's sentence tells. That we were refused says nothing of the pod's own credentials."""
    image = case.asked
    if case.word == "failing" and case.complaint is Complaint.CREDENTIALS:
        return Cause(ID, TITLE, "certain", (said.plain(case.container.message), *_offered(case)), remedies.of(case))
    if case.word == "unknown" and case.running and image and image.status == "unauthorised":
        registry = case.wanted.registry if case.wanted else ""
        why = Text("then ask again, with a login of your own", "自分のアカウントでログインしてから再実行する")
        evidence = (Text(f"from here: {image.error}", f"ここからは: {image.error}"),)
        return Cause(ID, TITLE, "possible", evidence, (Mend(mends.command("docker", "login", registry), why),))
    return None


def _offered(case: Case) -> tuple[Text, ...]:
    names = ", ".join(case.container.pull_secrets)
    if names:
        return (Text(f"the pod's pull secrets: {names}", f"Pod の pull シークレット: {names}"),)
    return (Text("the pod has no pull secret", "Pod に pull シークレットがありません"),)
