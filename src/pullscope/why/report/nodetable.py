"""Which node has which image under the names that the containers use: a table of images by nodes. [pure]"""

from collections.abc import Iterator, Sequence

from pullscope.pull.flow import Language
from pullscope.reports import page
from pullscope.reports.markup import Child, Html, tag
from pullscope.why import identity, said
from pullscope.why.facts import Node
from pullscope.why.findings import Diagnosis
from pullscope.why.report import groups, marks, words
from pullscope.why.world import World

IMAGES, NODES = 40, 10
"""What fits on a page; images and nodes that need somebody come first."""


def draw(diagnosis: Diagnosis, language: Language) -> Iterator[Html]:
    """The heading and the table; nothing where nodes may not be read or nothing was found."""
    seen = diagnosis.facts.nodes
    if not (seen and diagnosis.findings):
        return
    pressing = sorted(diagnosis.findings, key=lambda each: groups.VERDICTS.index(each.verdict))
    images = list(dict.fromkeys(each.container.image for each in pressing))
    first = dict.fromkeys(each.container.node for each in pressing if each.container.node in seen)
    nodes = [seen[name] for name in (*first, *sorted(set(seen) - set(first)))]
    world = World(diagnosis.facts)
    lines = [_line(image, nodes[:NODES], world, language) for image in images[:IMAGES]]
    yield tag("h2", None, words.NODE_TABLE.say(language))
    titles = [words.IMAGE.say(language), *(node.name for node in nodes[:NODES])]
    yield page.table(words.NODE_TABLE_MEANS.say(language), titles, lines)
    for more, text in ((len(images) - IMAGES, words.CUT_IMAGES), (len(nodes) - NODES, words.CUT_NODES)):
        if more > 0:
            yield tag("p", {"class": "soft"}, text.say(language).format(more=more))


def _line(image: str, nodes: Sequence[Node], world: World, language: Language) -> list[Child]:
    reference = world.reference(image)
    meant = world.registry(reference)
    line: list[Child] = [page.code(image)]
    for node in nodes:
        held = world.held(node.name, reference)
        if held and held.digests:
            current = bool(identity.digests(meant) & set(held.digests)) if meant and meant.digest else None
            line.append(marks.digest(said.short(held.digests[0]), language, current=current))
        elif held:
            line.append(words.HAS_UNTOLD.say(language))
        else:
            line.append((words.HAS_NOT if node.complete else words.NOT_LISTED).say(language))
    return line
