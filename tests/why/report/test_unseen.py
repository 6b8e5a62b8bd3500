"""What could not be seen has Japanese words, all of it, and keeps its place."""

import pytest

from pullscope.why.collect import ledger
from pullscope.why.facts import Unseen
from pullscope.why.report import unseen


def test_all_that_is_noted_has_words() -> None:
    assert unseen.JAPANESE.keys() - {"namespace"} == ledger.COSTS.keys()


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("nodes", "ノード"),
        ("events in namespace shop", "イベント (名前空間 shop)"),
        ("images of image streams in namespace shop", "イメージストリームのイメージ (名前空間 shop)"),
        ("credentials for quay.io", "認証情報 (quay.io)"),
        ("workloads deployments.apps", "ワークロード (deployments.apps)"),
        ("namespace shop", "名前空間 (shop)"),
        ("something new", "something new"),
    ],
)
def test_it_keeps_its_place(what: str, told: str) -> None:
    assert unseen.told(Unseen(what, "forbidden", "a cost"), "ja")[0] == told
    assert unseen.told(Unseen(what, "forbidden", "a cost"), "en") == (what, "a cost")
