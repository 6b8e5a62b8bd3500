"""Japanese: the report's sentences, with the tutorial's own headings. `words` says how they are found."""

from collections.abc import Mapping

_TABLE = {
    "policy": "imagePull\nPolicy",
    "on the\nnode": "ノードに\nイメージ\nあり",
    "in the\nregistry": "レジストリに\nイメージ\nあり",
    "on the node": "ノードにイメージあり",
    "in the registry": "レジストリにイメージあり",
    "expected": "想定挙動",
    "observed": "実際の挙動",
    "verdict": "判定",
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
    "it is gone": "消えた",
    "still there after {} s": "{} 秒たってもまだある",
    "its ReplicaSet made {}": "ReplicaSet が {} を作った",
    "created Deployment {} with {}": "{1} の Deployment {0} を作った",
    "the pod says {}": "Pod では {}",
    "no pod appeared": "Pod が現れなかった",
}
_BY_HAND = {
    "the node has no such image": "ノードにこのイメージはない",
    "waited for pod {}": "Pod {} を待った",
    "ImageStream {}": "ImageStream {}",
    "the case before has deleted it": "前のケースで削除済み",
    "asked for the ImageStreamTag {}": "ImageStreamTag {} を問い合わせた",
    "it leads to {}": "{} を指す",
    "there is no such tag": "そのタグはない",
    "What was typed, and what came back": "実行したコマンドとその出力",
    "The judgement": "判定",
}
_BECAUSE = {
    "runs {}, the node's copy, without asking the registry": "レジストリに問い合わせず、ノードにある {} で起動した",
    "runs {}, the node's copy, without asking the registry, which no longer has the tag": (
        "レジストリに問い合わせず、ノードにある {} で起動した (レジストリにこのタグはもうない)"
    ),
    "runs {}, the node's copy, without asking the registry, which has {} under the tag": (
        "レジストリに問い合わせず、ノードにある {} で起動した (レジストリの同じタグは {})"
    ),
    "runs {}, the node's copy, not that of the registry": "レジストリのものではなく、ノードにある {} で起動した",
    "runs {}, the node's copy, not that of the registry, which no longer has the tag": (
        "ノードにある {} で起動した (レジストリにこのタグはもうない)"
    ),
    "runs {}, the node's copy, not that of the registry, which has {} under the tag": (
        "ノードにある {} で起動した (レジストリの同じタグは {})"
    ),
    "runs {}, pulled from the registry": "レジストリから取得した {} で起動した",
    "runs {}, pulled from the registry; the node's copy was not used": (
        "レジストリから取得した {} で起動した。ノードのイメージは使われなかった"
    ),
    "{} after {} s, then {} after {} s: {}; a fresh pod of the same template was {} once it was there": (
        "{} ({} 秒後)、続いて {} ({} 秒後): {}。イメージを戻すと、同じテンプレートの新しい Pod は {} になった"
    ),
    "{} after {} s: {}; a fresh pod of the same template was {} once it was there": (
        "{} ({} 秒後): {}。イメージを戻すと、同じテンプレートの新しい Pod は {} になった"
    ),
    "the node has no image under this tag, and the policy is never to pull": (
        "ノードにこのタグのイメージがなく、ポリシーにより pull もしない"
    ),
    "the registry does not know this tag": "レジストリにこのタグがない",
    "the ImageStream is deleted, and the registry knows this tag by it alone": (
        "ImageStream が削除されている。レジストリがこのタグを知るのは ImageStream によってのみ"
    ),
    "runs {}, where {} was expected": "{1} のはずが {0} で起動した",
    "runs {}, which the registry delivered, where {} was expected": "{1} のはずが、レジストリから取得した {0} で起動した",
    "runs {}, the node's copy, where {} was expected": "{1} のはずが、ノードにある {0} で起動した",
    "runs {}, the node's copy, without asking the registry, where {} was expected": (
        "{1} のはずが、レジストリに問い合わせず、ノードにある {0} で起動した"
    ),
    "runs {}, the node's copy, although it must fail": "起動に失敗するはずが、ノードにある {} で起動した",
    "runs {}, which the registry delivered, although it must fail": (
        "起動に失敗するはずが、レジストリから取得した {} で起動した"
    ),
    "runs {} as expected, but the registry was asked for the tag all the same": (
        "想定どおり {} で起動したが、レジストリにも問い合わせがあった"
    ),
    "the pull failed, but because {}: {}": "pull は失敗したが、その理由は「{}」: {}",
    "{}: the pull failed because {}: {}": "{}: pull が失敗した。その理由は「{}」: {}",
    "the registry's certificate or protocol was not accepted": "レジストリの証明書またはプロトコルが受け入れられない",
    "the registry refused the credentials, or wants some": "レジストリが認証情報を拒んだ、または求めている",
    "the registry limits the rate of requests": "レジストリがリクエスト数を制限している",
    "the registry cannot be reached": "レジストリに到達できない",
    "the registry answered with an error of its own": "レジストリ側のエラー",
    "the image has no variant for the node's platform": "ノードのプラットフォーム向けのイメージがない",
    "the image's name is malformed": "イメージ名の書式が正しくない",
    "another image than the one of this case was asked for": "このケースとは別のイメージが要求された",
    "of something that its message does not tell": "メッセージからはわからない",
    "it failed as expected, but there was no positive control": "想定どおり失敗したが、対照実験がない",
    "its log could not be read: nothing shows which program was executed": (
        "ログを読めないため、どのプログラムが動いたかを示すものがない"
    ),
    "its log could not be read ({}): nothing shows which program was executed": (
        "ログを読めない ({}) ため、どのプログラムが動いたかを示すものがない"
    ),
    "the container is held: the node cannot execute its image, so nothing shows what would run": (
        "コンテナは held: ノードがこのイメージを実行できないため、何が動くかを示すものがない"
    ),
    "the cluster rewrote the image from {} to {} in the pod": "クラスターが Pod のイメージを {} から {} に書き換えた",
    "the cluster changed imagePullPolicy from {} to {} in the pod (an admission plugin such as AlwaysPullImages does that)": (
        "クラスターが Pod の imagePullPolicy を {} から {} に変えた (AlwaysPullImages などのアドミッションプラグインによる)"
    ),
}

CATALOGUE: Mapping[str, str] = {**_TABLE, **_NOTES, **_CASES, **_EVIDENCE, **_PAGE, **_STEPS, **_BY_HAND, **_BECAUSE}
