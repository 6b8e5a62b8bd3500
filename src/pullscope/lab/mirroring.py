"""Where this lab's nodes, imports and builds look for images: what `up --mirror` said, and the mirror sets as they are now.

On OpenShift the machine config operator writes the sets into a file on each node, which takes minutes and may restart
nodes; here the next pull follows them.
"""

import logging
from collections.abc import Callable, Sequence

from pullscope.apiserver.store.store import Store
from pullscope.kube import resources
from pullscope.pull import mirrorsets
from pullscope.pull.mirrors import Mirror, Rules

LOG = logging.getLogger(__name__)
_SETS = (resources.IMAGE_DIGEST_MIRROR_SETS, resources.IMAGE_TAG_MIRROR_SETS)


def rules(store: Store, given: Sequence[Mirror]) -> Callable[[], Rules]:
    """What holds whenever it is asked: `given` first, then the sets in `store`, unless these contradict each other."""

    def now() -> Rules:
        try:
            found = mirrorsets.rules(stored.object() for each in _SETS for stored in store.list(each).items)
        except mirrorsets.ConflictError as error:
            LOG.warning("the mirror sets have no effect: %s", error)
            found = Rules()
        return Rules((*given, *found.mirrors), found.blocked)

    return now
