"""`-o junit`: one test case for each container; a risk is a failure, notes stand beside what passed. [pure]"""

from pullscope.pull.flow import Language
from pullscope.reports import junit
from pullscope.reports.junit import Testcase
from pullscope.why.plan.planned import Plan, Planned
from pullscope.why.plan.report import words


def render(plan: Plan, language: Language) -> str:
    """The plan as a suite."""
    properties = {"server": plan.server} if plan.server else {}
    return junit.render("plan", [_case(each, language) for each in plan.containers], properties=properties)


def _case(planned: Planned, language: Language) -> Testcase:
    lines = []
    for risk in planned.risks:
        weight = words.WEIGHTS[risk.weight].say(language)
        lines.append(f"{words.at(risk, language)}: {weight}: {risk.text.say(language)} [{risk.id}]")
        if risk.mend:
            lines.append(f"  {words.MEND.say(language)}: {risk.mend.say(language)}")
    first = planned.risks[0].text.say(language) if planned.risks else ""
    return Testcase(
        group=f"{planned.written.workload.source}.{words.workload(planned)}",
        name=words.container(planned, language),
        outcome="failed" if planned.verdict == "risky" else "passed",
        message=first,
        text="\n".join(lines),
    )
