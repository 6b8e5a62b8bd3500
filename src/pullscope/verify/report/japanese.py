"""Japanese: the report's sentences, with the tutorial's own headings. `words` says how they are found."""

from collections.abc import Mapping

from pullscope.verify.report import japanese_matrix, japanese_scenarios, japanese_story, japanese_verdicts

_TABLE = {
    "policy": "imagePull\nPolicy",
    "on the\nnode": "ノードに\nイメージ\nあり",
    "in the\nregistry": "レジストリに\nイメージ\nあり",
    "on the node": "ノードにイメージあり",
    "in the registry": "レジストリにイメージあり",
    "expected": "想定挙動",
    "observed": "実際の挙動",
    "verdict": "判定",
    "NODE": "ノード",
    "REGISTRY": "レジストリ",
    "EXPECTED": "想定挙動",
    "SECONDS": "秒",
    "VERDICT": "判定",
    "BECAUSE": "理由",
    "yes": "はい",
    "yes ※": "はい ※",
    "no": "いいえ",
    "no ※": "いいえ ※",
    "pass": "合格",
    "fail": "不合格",
    "inconclusive": "判定不能",
    "not applicable": "対象外",
    "Running: the node's image": "Running: ノードのイメージ",
    "Running: the registry's image": "Running: レジストリのイメージ",
    "Running, the registry's image": "Running、レジストリのイメージで起動",
    "Running, the node's cached image": "Running、ノードにキャッシュされたイメージで起動",
    "fails: image not found (ErrImagePull, then ImagePullBackOff)": (
        "起動失敗: イメージが見つからない (ErrImagePull、続いて ImagePullBackOff)"
    ),
    "fails: ErrImageNeverPull": "起動失敗: ErrImageNeverPull",
}
_NOTES = {
    "{} passed": "合格 {}",
    "{} failed": "不合格 {}",
    "{} inconclusive": "判定不能 {}",
    "{} not applicable": "対象外 {}",
    "no cases": "ケースなし",
    " and ": " と ",
    "{} in {} s · {} {}": "{} ({} 秒) · {} {}",
    "{} in {} s · {} {}, node {}": "{} ({} 秒) · {} {}、ノード {}",
    "lab": "ラボ",
    "cluster": "クラスター",
    "※ No. {} must not depend on the node: the image is there, to show that it is not used.": (
        "※ No. {} の結果はノードに左右されません。イメージがあっても使われないことを示すため、ノードに置いてあります。"
    ),
}
_CASES = {
    "{}, the image on the node, none in the registry": "{}、ノードにイメージあり、レジストリになし",
    "{}, the image on the node, another in the registry": "{}、ノードにイメージあり、レジストリに別のイメージあり",
    "{}, no image on the node, none in the registry": "{}、ノードにイメージなし、レジストリにもなし",
    "{}, no image on the node, one in the registry": "{}、ノードにイメージなし、レジストリにあり",
}
_EVIDENCE = {
    "① policy: {}": "① ポリシー: {}",
    "② node: {}": "② ノード: {}",
    "③ registry: {}": "③ レジストリ: {}",
    "present": "あり",
    "absent": "なし",
    "missing": "なし",
    "not done": "行われていない",
    "pod {}": "Pod {}",
    "uid": "uid",
    "template hash": "テンプレートのハッシュ",
    "node": "ノード",
    "message": "メッセージ",
    "events": "イベント",
    "none": "なし",
    "empty": "空",
    "log": "ログ",
    "log of {}": "{} のログ",
    "registry requests": "レジストリへのリクエスト",
    "unknown: this registry has no log that can be read": "不明: このレジストリには読めるログがない",
    "images on the node ({})": "ノードのイメージ ({})",
    "before": "前",
    "after": "後",
    "{} s old": "{} 秒前の報告",
    "none of this case": "このケースのものはなし",
    "positive control": "対照実験",
    "a fresh pod of the same template (pod {}, template hash {}) → {} after {} s": (
        "同じテンプレートの新しい Pod ({}、テンプレートのハッシュ {}) → {} ({} 秒後)"
    ),
    "a fresh pod of the same template (pod {}, template hash {}) → {} after {} s, {}": (
        "同じテンプレートの新しい Pod ({}、テンプレートのハッシュ {}) → {} ({} 秒後)、{}"
    ),
    "the way through the flowchart": "フローチャート上の経路",
    "nothing proves it": "経路を示す証拠がない",
    "{}  (not a way that the flowchart has)": "{}  (フローチャートにない経路)",
}
_PAGE = {
    "Which image ran: the proof": "どのイメージで起動したか: 実証",
    "API server": "API サーバー",
    "runtime": "ランタイム",
    "registry": "レジストリ",
    "namespace": "名前空間",
    "unknown: the rights do not show it": "不明: 権限がなく確認できない",
    "The cases": "ケース一覧",
    "the three operations": "三つの操作",
    "what happened, and when": "いつ何が起きたか",
    "Seconds count from the creation of the Deployment": "秒数は Deployment の作成から数える",
    "seconds": "秒",
    "seen in": "観測元",
    "what": "内容",
    "detail": "詳細",
    "event": "イベント",
}
_STEPS = {
    "took the tag {}": "新しいタグ {} を選んだ",
    "it was never used before, so no node has it": "一度も使われていないので、どのノードにもない",
    "pushed {} with {}": "{} に {} を push した",
    "deleted the manifest {} of {}": "マニフェスト {} ({}) を削除した",
    "accepted": "受け付けられた",
    "404: it was gone already": "404: すでになかった",
    "asked the registry for {}": "レジストリに {} を問い合わせた",
    "it has {}": "{} がある",
    "it has no such manifest": "そのマニフェストはない",
    "ran pod {} with the tag": "そのタグで Pod {} を起動した",
    "Running on {}, imageID {}": "{} で Running、imageID {}",
    "deleted pod {}": "Pod {} を削除した",
    "deleted ImageStreamTag {}": "ImageStreamTag {} を削除した",
    "it is gone": "消えた",
    "still there after {} s": "{} 秒たってもまだある",
    "its ReplicaSet made {}": "ReplicaSet が {} を作った",
    "created Deployment {} with {}": "{1} の Deployment {0} を作った",
    "the pod says {}": "Pod では {}",
    "no pod appeared": "Pod が現れなかった",
}
_BY_HAND = {
    "preparation": "準備",
    "the node has no such image": "ノードにこのイメージはない",
    "waited for pod {}": "Pod {} を待った",
    "ImageStream {}": "ImageStream {} は",
    "the case before has deleted it": "前のケースで削除済み",
    "asked for the ImageStreamTag {}": "ImageStreamTag {} を問い合わせた",
    "it leads to {}": "{} を指す",
    "there is no such tag": "そのタグはない",
    "What was typed, and what came back": "実行したコマンドとその出力",
    "The judgement": "判定",
}

CATALOGUE: Mapping[str, str] = {
    **_TABLE,
    **_NOTES,
    **_CASES,
    **_EVIDENCE,
    **_PAGE,
    **_STEPS,
    **_BY_HAND,
    **japanese_verdicts.VERDICTS,
    **japanese_matrix.MATRIX,
    **japanese_scenarios.SCENARIOS,
    **japanese_story.STORY,
}
