"""The shape of an object: all that the set of its fields depends on.

Objects that are made in masses (events, the pods of a replica set) differ in values and are alike in shape, and so is who
manages what of them: `updates.of_object` of two objects of a type and a shape is the same.
"""

from pullscope.kube.ownership.schema import Object


def of(obj: Object) -> Object:
    """The object with every plain value that is not empty replaced by the same one, but in lists: elements are known by values."""
    return {
        name: of(value) if type(value) is dict else value if type(value) is list else value and True
        for name, value in obj.items()
    }
