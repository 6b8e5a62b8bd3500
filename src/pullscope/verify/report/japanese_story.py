"""Japanese: what is done in a scenario, what is seen, and why it is judged so. Part of the catalogue of `japanese`."""

from collections.abc import Mapping

_FRAME = {
    "the case": "ケース",
    "CASE": "ケース",
    "{} rows": "{} 行",
    "private": "要認証",
    "what was done, and what was seen": "行ったことと観測したこと",
    "where the rule stands": "規則の出典",
    "Of the pod below; seconds count from the first step": "下の Pod について。秒数は最初の手順から数える",
    "must be": "想定",
    "is": "観測",
    ", ": "、",
    " or ": " または ",
    "{} more of {} steps were not done": "{1} 手順のうち、残りの {0} 手順は行われなかった",
}
_DONE = {
    "created": "作成された",
    "created {} {}, {}, {}, on {}": "{} {} を作った: {}、{}、ノード {}",
    "created {} {}, credentials {}": "{} {} を作った: 認証情報 {}",
    "created {} {}, pull secrets {}": "{} {} を作った: imagePullSecrets {}",
    "without imagePullPolicy": "imagePullPolicy なし",
    "changed Deployment {}: {}": "Deployment {} を変えた: {}",
    "changed Deployment {}: image {}": "Deployment {} のイメージを {} に変えた",
    "looked at {}": "{} を見た",
    "there was none within {} s": "{} 秒以内に現れなかった",
    "crictl {} on node {}": "ノード {1} で crictl {0}",
    "let the registry ask whoever reads for a password (Basic)": (
        "レジストリが、読む者にパスワードを求めるようにした (Basic)"
    ),
    "let the registry ask whoever reads for a token (Bearer), which it gives for a password": (
        "レジストリが、読む者にトークンを求めるようにした (Bearer、パスワードと引き換えに渡す)"
    ),
    "it lets {} in from now on": "以後 {} を受け入れる",
}
_LOOKED = {
    "the pod from before the change": "変更前の Pod",
    "its init container": "その init コンテナ",
    "runs {}": "{} で起動",
    "runs {}, asked for": "レジストリに問い合わせて {} で起動",
    "runs {}, without asking": "レジストリに問い合わせず {} で起動",
    "the node's image": "ノードのイメージ",
    "waits with {}": "{} で待つ",
    "because {}": "理由は「{}」",
    "in the end": "最終的に",
    "restarts: {}": "再起動 {} 回",
    "the registry is asked": "レジストリへの問い合わせあり",
    "the registry is not asked": "レジストリへの問い合わせなし",
    "requests for manifests: {}": "マニフェストの要求 {} 件",
    "requests for the tag: {}": "タグの要求 {} 件",
    "it sends blobs": "blob が送られる",
    "it sends no blobs": "blob は送られない",
    "{} bytes of blobs": "blob {} バイト",
    'an event with "{}"': "「{}」を含むイベント",
    'no event with "{}"': "「{}」を含むイベントなし",
    "no pod within {} s": "{} 秒以内に Pod なし",
    "not settled after {} s": "{} 秒たっても定まらない",
    "node {}": "ノード {}",
}
_JUDGED = {
    "only {} of {} looks were taken": "{1} 回の観測のうち {0} 回しか行われなかった",
    "there was no pod within {} s": "{} 秒以内に Pod が現れなかった",
    "the API server made imagePullPolicy {} {}, not {}": "API サーバーは imagePullPolicy を {2} ではなく {0} にした ({1})",
    "the API server made imagePullPolicy {} from {}, not {}": (
        "API サーバーは imagePullPolicy を {1} から、{2} ではなく {0} にした"
    ),
    'the API server made imagePullPolicy {} for "{}", not {}': (
        "「{1}」に対し、API サーバーは imagePullPolicy を {2} ではなく {0} にした"
    ),
    "nothing": "なし",
    "something": "何か",
    "an image that was not made here": "ここで作ったものではないイメージ",
    "the pod ran on node {}, not on {}": "Pod は {1} ではなくノード {0} で動いた",
    "the container was restarted {} times, and had to be {} times": ("コンテナの再起動は {1} 回のはずが {0} 回だった"),
    "runs {}, although it must fail": "起動に失敗するはずが {} で起動した",
    "after {} s it neither ran nor failed, STATUS is {}": "{} 秒たっても起動も失敗もせず、STATUS は {}",
    "after {} s it neither ran nor failed, STATUS is {}: {}": "{} 秒たっても起動も失敗もせず、STATUS は {}: {}",
    "{}: {}, where {} was expected": "{2} のはずが {0}: {1}",
    "{}: {}, where {} had to run": "{2} で起動するはずが {0}: {1}",
    "{}: the pull failed because {}, not because {}: {}": "{}: pull が失敗した。理由は「{}」で、「{}」ではない: {}",
    'imageID "{}" names none of the images that were made for this scenario': (
        "imageID「{}」は、このシナリオのために作ったどのイメージでもない"
    ),
    "its log could not be read ({})": "ログを読めない ({})",
    "imageID names {}, but the program that was executed found {}": (
        "imageID は {} を指すが、実行されたプログラムが見つけたのは {}"
    ),
    "the registry was not asked": "レジストリへの問い合わせがなかった",
    "the registry was asked {} times": "レジストリに {} 回問い合わせがあった",
    "the registry was asked {} times what the tag means, not {} times": (
        "レジストリへのタグの問い合わせは {1} 回のはずが {0} 回だった"
    ),
    "the registry sent {} bytes of blobs": "レジストリが blob を {} バイト送った",
    'no event says "{}"': "「{}」というイベントがない",
    "an event says {}": "{} というイベントがある",
}
_LACKING = {
    "the scenario is for clusters that have the admission plugin AlwaysPullImages": (
        "アドミッションプラグイン AlwaysPullImages のあるクラスター向けのシナリオ"
    ),
    "the scenario is for clusters without the admission plugin AlwaysPullImages": (
        "アドミッションプラグイン AlwaysPullImages のないクラスター向けのシナリオ"
    ),
    "the scenario is for imagePullCredentialsVerificationPolicy {}, and node {} has {}": (
        "imagePullCredentialsVerificationPolicy が {} のノード向けのシナリオだが、ノード {} では {}"
    ),
    "the scenario uses crictl on a node: --node-access": "シナリオがノードの crictl を使う: --node-access",
    "the scenario says on which node its pods run, and the nodes may not be listed: --node NODE": (
        "シナリオが Pod のノードを指定するが、ノードを一覧する権限がない: --node NODE"
    ),
    "the scenario takes {} nodes, and there is one that takes pods": (
        "シナリオには {} ノード要るが、Pod を受け入れるノードは一つ"
    ),
    "the scenario depends on the nodes' versions, and they may not be read": (
        "シナリオがノードのバージョンによるが、読む権限がない"
    ),
    "the scenario is for {}, and node {} has {}": "{} 向けのシナリオだが、ノード {} では {}",
    "none that it tells": "不明",
    "the scenario is for kubelets since {}, and that of node {} is {}": (
        "{} 以降の kubelet 向けのシナリオだが、ノード {} では {}"
    ),
    "the scenario is for kubelets before {}, and that of node {} is {}": (
        "{} より前の kubelet 向けのシナリオだが、ノード {} では {}"
    ),
    "there is no pod {} to delete": "削除する Pod {} がない",
    "pod {} was still there after {} s": "{1} 秒たっても Pod {0} が残っていた",
    "`{}` on node {}: {}": "ノード {1} で `{0}`: {2}",
    "it was done": "実行された",
    "pod {} has no container to stop": "Pod {} に停止するコンテナがない",
}

STORY: Mapping[str, str] = {**_FRAME, **_DONE, **_LOOKED, **_JUDGED, **_LACKING}
