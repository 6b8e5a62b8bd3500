"""Which objects a list or a watch is about: its label and field selectors, as one value.

Labels, names and the node are answered without decoding an object; any other field is read out of its JSON.
"""

from dataclasses import dataclass

from pullscope.apiserver.store.records import Event, Stored, stamped
from pullscope.kube import fields as field_syntax
from pullscope.kube import labels as label_syntax

_NAME, _NAMESPACE, _NODE = "metadata.name", "metadata.namespace", "spec.nodeName"
_ALL_FIELDS = field_syntax.FieldSelector()


@dataclass(frozen=True)
class Selection:
    """Both selectors together; without any it selects everything."""

    labels: label_syntax.LabelSelector = label_syntax.EVERYTHING
    fields: field_syntax.FieldSelector = _ALL_FIELDS

    @property
    def everything(self) -> bool:
        return self.labels.everything and self.fields.everything

    @property
    def node(self) -> str | None:
        """The one node that objects must be on, so that the store's index can be asked."""
        return self.fields.exact(_NODE)

    def matches(self, stored: Stored) -> bool:
        if not self.labels.everything and not self.labels.matches(stored.labels):
            return False
        if self.fields.everything:
            return True
        known = {_NAME: stored.key.name, _NAMESPACE: stored.key.namespace, _NODE: stored.node}
        unknown = [term.field for term in self.fields.terms if term.field not in known]
        if unknown:
            known |= field_syntax.of(stored.object(), unknown)
        return self.fields.matches(known)

    def seen(self, event: Event) -> Event | None:
        """The event as a watch with these selectors sees it; None when it does not.

        An object that comes into view is ADDED; one that leaves it is DELETED, in the last state that was seen at the
        new revision (k8s.io/apiserver v0.36 pkg/storage/cacher/cache_watcher.go).
        """
        if self.everything:
            return event
        gone = event.type == "DELETED"
        last = event.current if gone else event.previous
        after = not gone and self.matches(event.current)
        before = last is not None and self.matches(last)
        if after:
            return event if before else Event("ADDED", event.current)
        if not before or last is None:
            return None
        return event if gone else Event("DELETED", stamped(last.key, last.object(), event.revision))


def parse(label_text: str, field_text: str, supported: tuple[str, ...]) -> Selection:
    """Read both texts. Raises ApiError 400 with upstream's sentence."""
    return Selection(label_syntax.parse(label_text), field_syntax.parse(field_text, supported))
