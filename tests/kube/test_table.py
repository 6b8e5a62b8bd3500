"""The Table frame and its time cells."""

from datetime import UTC, datetime

from pullscope.kube import table

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "creationTimestamp": "2026-01-02T11:59:33Z"}}


def test_frame() -> None:
    columns = [table.column("Name", format="name"), table.column("Node", priority=1), table.column("Ready", "integer")]
    framed = table.table(columns, [table.row(["p", "crc", 1], POD)], resource_version="7")
    assert framed == {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": "7"},
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0},
            {"name": "Node", "type": "string", "format": "", "description": "", "priority": 1},
            {"name": "Ready", "type": "integer", "format": "", "description": "", "priority": 0},
        ],
        "rows": [
            {
                "cells": ["p", "crc", 1],
                "object": {
                    "kind": "PartialObjectMetadata",
                    "apiVersion": "meta.k8s.io/v1",
                    "metadata": POD["metadata"],
                },
            }
        ],
    }


def test_whole_objects_and_later_events() -> None:
    framed = table.table(None, [table.row(["p"], POD, whole=True)])
    assert framed["columnDefinitions"] is None
    assert framed["rows"][0]["object"] is POD


def test_age() -> None:
    assert table.age(POD, NOW) == "27s"
    assert table.age({"metadata": {}}, NOW) == "<unknown>"
    assert table.since(None, NOW) == "<unknown>"
