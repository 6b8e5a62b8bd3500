"""The flowchart as text, with the way that was taken."""

from pullscope.pull import flow
from pullscope.verify.report import chart


def test_the_outline_of_the_tutorials_chart() -> None:
    way = (flow.START, flow.NAME, flow.POLICY, flow.PRESENT, flow.ACCESS, flow.NODE_IMAGE)
    lines = chart.outline(flow.TUTORIAL, way)
    assert (
        "\n".join(f"{'*' if line.taken else ' '} {line.text}" for line in lines)
        == """\
* A container is to start
* └─ imagePullPolicy?
     ├─ Always → Ask the registry: does it deliver the image?
     │  ├─ yes → The registry's image runs
     │  └─ no → ErrImagePull
*    └─ IfNotPresent → Is the image on the node?
*       ├─ yes → The node's image runs
        └─ no → Ask the registry: does it deliver the image?
           ├─ yes → The registry's image runs
           └─ no → ErrImagePull"""
    )


def test_nothing_is_marked_without_a_way() -> None:
    assert not any(line.taken for line in chart.outline(flow.FLOW, (), "ja"))


def test_the_full_chart_has_all_ends() -> None:
    text = "\n".join(line.text for line in chart.outline(flow.FLOW, ()))
    assert all(node.text.en in text for node in flow.FLOW.nodes)
