"""What could not be seen, and what that costs, in the language of the report; the server's reason stays as it is. [pure]"""

import re
from collections.abc import Mapping

from pullscope.pull.flow import Language
from pullscope.why.facts import Unseen

JAPANESE: Mapping[str, tuple[str, str]] = {
    "workloads": ("ワークロード", "Pod が最新のテンプレートのものか、ポリシーを誰が決めたかは不明です"),
    "events": ("イベント", "イメージがいつ取得されたか、何回試みられたかは不明です"),
    "pods": ("Pod", "イメージを既に使っている Pod、つまりノードのイメージを取得した Pod は不明です"),
    "service accounts": ("サービスアカウント", "Pod がサービスアカウントから得る pull secret は不明です"),
    "nodes": ("ノード", "ノードにあるイメージは不明なので、次の Pod がそこで何を得るかは予測できません"),
    "kubelet settings": (
        "kubelet の設定",
        "既定値とみなします: 認証情報は既定どおり再確認され、ノードは大きい順に 50 個のイメージを報告する",
    ),
    "pull secrets": ("pull secret", "ログインが必要なレジストリには、あなた自身の認証情報だけで問い合わせます"),
    "image streams": ("イメージストリーム", "内部レジストリのタグは解決できず、トリガーとインポートも確認できません"),
    "images of image streams": (
        "イメージストリームのイメージ",
        "これらのイメージのプラットフォームと作成時刻は不明です",
    ),
    "mirrors": ("ミラー", "ノードは先にミラーに問い合わせるかもしれませんが、レジストリに直接問い合わせます"),
    "the cluster's kind": ("クラスターの種類", "イメージストリームのないクラスターとみなします"),
    "credentials": ("認証情報", "あなた自身の認証情報なしでレジストリに問い合わせます"),
    "namespace": ("名前空間", "ここにあるものはまもなく消え、新しく作ることもできません"),
}
"""By the keys of `collect.ledger.COSTS`, and the one thing that is told besides."""

_WHERE = (("in namespace ", "名前空間 "), ("for ", ""))


def told(unseen: Unseen, language: Language) -> tuple[str, str]:
    """What was not seen, and what that costs; in English where there are no other words."""
    key = max((key for key in JAPANESE if re.match(rf"{re.escape(key)}( |$)", unseen.what)), key=len, default=None)
    if language == "en" or key is None:
        return unseen.what, unseen.cost
    name, cost = JAPANESE[key]
    where = unseen.what.removeprefix(key).strip()
    for english, japanese in _WHERE:
        if where.startswith(english):
            where = japanese + where.removeprefix(english)
    return f"{name} ({where})" if where else name, cost
