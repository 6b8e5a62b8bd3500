"""Japanese: what the topic `matrix` says beside the six cases. Part of the catalogue of `japanese`."""

from collections.abc import Mapping

MATRIX: Mapping[str, str] = {
    "has it": "あり",
    "newer": "別のイメージ",
    "same": "同じイメージ",
    "404 manifest": "404 (タグなし)",
    "404 repository": "404 (リポジトリなし)",
    "refuses": "接続拒否",
    "times out": "応答なし",
    "wrong digest": "ダイジェスト不一致",
    "Running, the image that both have: nothing but its manifest is sent": (
        "Running、双方が同じイメージ (マニフェストだけが送られる)"
    ),
    "Running: the same image": "Running: 同じイメージ",
    "fails: image not found": "起動失敗: イメージが見つからない",
    "fails: no access": "起動失敗: アクセスできない",
    "fails after the runtime's own retries": "起動失敗: ランタイムが自ら再試行した後",
    "fails: the registry's own error": "起動失敗: レジストリ側のエラー",
    "fails: nobody listens": "起動失敗: 接続先がない",
    "fails: not what the digest names": "起動失敗: 内容がダイジェストと一致しない",
    "waits on": "待ち続ける",
    "{}: not made by hand, but by --method tags": "{}: 手作業ではなく --method tags で行う",
    "{}, the image on the node, the registry: {}": "{}、ノードにイメージあり、レジストリ: {}",
    "{}, no image on the node, the registry: {}": "{}、ノードにイメージなし、レジストリ: {}",
    "left the registry as it is": "レジストリはそのままにした",
    "let the registry know no such repository": "レジストリにこのリポジトリがないことにした",
    "closed the registry's port": "レジストリのポートを閉じた",
    "let the registry answer nobody": "レジストリが誰にも応答しないようにした",
    "let the registry send something else under each digest": "レジストリが各ダイジェストで別の内容を送るようにした",
    "let the registry answer {}": "レジストリが {} を返すようにした",
    "let the registry behave again": "レジストリを正常に戻した",
    "it does from now on": "以後そうなる",
    "the case takes a registry that misbehaves, which pullscope has to serve where the nodes reach it: --serve-registry ADDR": (
        "異常な動作をするレジストリが要る。ノードから届くアドレスで pullscope が用意する: --serve-registry ADDR"
    ),
    "runs {}: the registry told that it has the same image, and sent no blob": (
        "{} で起動した。レジストリは同じイメージだと答えただけで、blob は送らなかった"
    ),
    "runs {} as expected, but the registry was not asked what the tag means": (
        "想定どおり {} で起動したが、レジストリへのタグの問い合わせがなかった"
    ),
    "runs {} as expected, but the registry's log does not show that it answered so": (
        "想定どおり {} で起動したが、レジストリのログにそう答えた記録がない"
    ),
    "runs {} as expected, but the registry sent {} bytes of it once more": (
        "想定どおり {} で起動したが、レジストリがもう一度 {} バイトを送った"
    ),
    "the registry took the request and did not answer, so the pull neither ends nor fails": (
        "レジストリは要求を受けたまま応答せず、pull は終わりも失敗もしない"
    ),
    "the pull failed, but the registry that must not listen was asked": (
        "pull は失敗したが、閉じているはずのレジストリに問い合わせがあった"
    ),
    "the pull failed, but the registry was not asked for the tag": (
        "pull は失敗したが、レジストリへのタグの問い合わせがなかった"
    ),
    "the pull failed, but the registry's log shows {} for this tag, not {}": (
        "pull は失敗したが、レジストリのログではこのタグに {1} ではなく {0} を返している"
    ),
    "{}: the pull failed because {}, but the message says because {}": (
        "{}: pull が失敗した。本当の理由は「{}」だが、メッセージによれば「{}」"
    ),
    "{} after {} s, although the registry had not answered yet": "{} ({} 秒後)。レジストリはまだ応答していなかった",
    "{}: a pull was tried, and does not end, although the registry must not be asked": (
        "{}: レジストリに問い合わせないはずなのに pull が試みられ、終わらない"
    ),
    "the pod neither ran nor failed, but its STATUS is {}": "Pod は起動も失敗もしなかったが、STATUS は {}",
    "the pod neither ran nor failed, but no event tells that a pull began": (
        "Pod は起動も失敗もしなかったが、pull の開始を示すイベントがない"
    ),
    "the pod neither ran nor failed, but no request waits for the registry's answer": (
        "Pod は起動も失敗もしなかったが、レジストリの応答を待つ要求がない"
    ),
}
