"""Japanese: why a case was judged as it was, and what kept it from being made. Part of the catalogue of `japanese`."""

from collections.abc import Mapping

_MADE = {
    "no pod of the Deployment appeared within {} s": "Deployment の Pod が {} 秒以内に現れなかった",
    "no pod of the Deployment appeared within {} s: {}": "Deployment の Pod が {} 秒以内に現れなかった: {}",
    'the pod\'s template hash "{}" is not that of the Deployment\'s ReplicaSet ("{}")': (
        "Pod のテンプレートのハッシュ「{}」が Deployment の ReplicaSet のもの「{}」と違う"
    ),
    "no pod has pulled the image on the node before": "ノードでこのイメージを pull した Pod がない",
    'the pod that was to put the image on the node ran "{}" instead': (
        "ノードにイメージを置くはずの Pod が、別のイメージ「{}」で起動した"
    ),
    "the pod that put the image on the node was still there": "ノードにイメージを置いた Pod がまだ残っていた",
    "the pod ran on node {}, but the image was put on node {}": (
        "Pod はノード {} で起動したが、イメージを置いたのはノード {}"
    ),
    "after {} s the pod neither ran nor failed, STATUS is {}": "{} 秒たっても Pod は起動も失敗もせず、STATUS は {}",
    "after {} s the pod neither ran nor failed, STATUS is {}: {}": (
        "{} 秒たっても Pod は起動も失敗もせず、STATUS は {}: {}"
    ),
    "the cluster changed imagePullPolicy from {} to {} in the pod (an admission plugin such as AlwaysPullImages does that)": (
        "クラスターが Pod の imagePullPolicy を {} から {} に変えた (AlwaysPullImages などのアドミッションプラグインによる)"
    ),
    "the cluster rewrote the image from {} to {} in the pod": "クラスターが Pod のイメージを {} から {} に書き換えた",
    "the container is held: the node cannot execute its image, so nothing shows what would run": (
        "コンテナは held: ノードがこのイメージを実行できないため、何が動くかを示すものがない"
    ),
}
_RAN = {
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
    "runs {} as expected, but the registry held {} under the tag": (
        "想定どおり {} で起動したが、レジストリの同じタグは {} だった"
    ),
    "runs {} as expected, but the registry's log does not show that it delivered it": (
        "想定どおり {} で起動したが、レジストリのログには送った記録がない"
    ),
    'imageID "{}" names none of the images that were made for this case': (
        "imageID「{}」は、このケースのために作ったどのイメージでもない"
    ),
    "imageID names {}, but the program that was executed found {} in its image": (
        "imageID は {} を指すが、実行されたプログラムがイメージの中に見つけたのは {}"
    ),
    "its log could not be read: nothing shows which program was executed": (
        "ログを読めないため、どのプログラムが動いたかを示すものがない"
    ),
    "its log could not be read ({}): nothing shows which program was executed": (
        "ログを読めない ({}) ため、どのプログラムが動いたかを示すものがない"
    ),
    "the log is of pod {}, not of this one ({})": "ログはこの Pod ({1}) ではなく {0} のもの",
    "the log is of another container than the one that runs": "ログは動いているコンテナのものではない",
    "the container was restarted, so its image may have been resolved anew": (
        "コンテナが再起動したため、イメージが改めて解決された可能性がある"
    ),
    "the pod runs, but its log names no WAR": "Pod は動いているが、ログに WAR の名前がない",
    "the log names more than one WAR: {}": "ログに WAR の名前が二つ以上ある: {}",
}
_FAILED = {
    "{} after {} s, then {} after {} s: {}; a fresh pod of the same template was {} once it was there": (
        "{} ({} 秒後)、続いて {} ({} 秒後): {}。イメージを戻すと、同じテンプレートの新しい Pod は {} になった"
    ),
    "{} after {} s: {}; a fresh pod of the same template was {} once it was there": (
        "{} ({} 秒後): {}。イメージを戻すと、同じテンプレートの新しい Pod は {} になった"
    ),
    "the node has no image under this tag, and the policy is never to pull": (
        "ノードにこのタグのイメージがなく、ポリシーにより pull もしない"
    ),
    "the ImageStream is deleted, and the registry knows this tag by it alone": (
        "ImageStream が削除されている。レジストリがこのタグを知るのは ImageStream によってのみ"
    ),
    "the pull failed, but because {}: {}": "pull は失敗したが、その理由は「{}」: {}",
    "{}: the pull failed because {}: {}": "{}: pull が失敗した。その理由は「{}」: {}",
    "the pull failed, but the registry's log shows no request for this tag that it answered with 404": (
        "pull は失敗したが、レジストリのログにはこのタグに 404 を返した記録がない"
    ),
    "the pull failed, but the registry said it still had {}": "pull は失敗したが、レジストリにはまだ {} があった",
    "the container did not start, for a reason of its own: {}: {}": "コンテナが別の理由で起動しなかった: {}: {}",
    "the container did not start, for another reason: {}: {}": "コンテナが別の理由で起動しなかった: {}: {}",
    "ErrImageNeverPull, although a pod had pulled the image on this node": (
        "このノードで Pod が pull したイメージなのに ErrImageNeverPull"
    ),
    "ErrImageNeverPull, although the policy is {}": "ポリシーは {} なのに ErrImageNeverPull",
    "ErrImageNeverPull as expected, but the registry was asked for the tag all the same": (
        "想定どおり ErrImageNeverPull だが、レジストリにも問い合わせがあった"
    ),
    "{}: a pull was tried although the policy is Never": "{}: ポリシーは Never なのに pull が試みられた",
    "{}: the image was on the node, but a pull was tried, and it failed because {}": (
        "{}: イメージはノードにあったのに pull が試みられ、失敗した。その理由は「{}」"
    ),
    "{}: the node was told that the tag is missing, but the registry has it ({})": (
        "{}: ノードにはタグがないと伝えられたが、レジストリにはある ({})"
    ),
    "it failed as expected, but there was no positive control": "想定どおり失敗したが、対照実験がない",
    "it failed as expected, but so did a fresh pod once the image was there: {}": (
        "想定どおり失敗したが、イメージを戻しても新しい Pod が失敗した: {}"
    ),
    "it failed as expected, but the positive control was not a fresh pod of the same template": (
        "想定どおり失敗したが、対照実験が同じテンプレートの新しい Pod ではなかった"
    ),
    'it failed as expected, but the positive control ran "{}"': (
        "想定どおり失敗したが、対照実験は別のイメージ「{}」で起動した"
    ),
}
_CAUSES = {
    "the registry does not know this tag": "レジストリにこのタグがない",
    "another image than the one of this case was asked for": "このケースとは別のイメージが要求された",
    "the registry's certificate or protocol was not accepted": "レジストリの証明書またはプロトコルが受け入れられない",
    "the registry refused the credentials, or wants some": "レジストリが認証情報を拒んだ、または求めている",
    "the registry limits the rate of requests": "レジストリがリクエスト数を制限している",
    "the registry cannot be reached": "レジストリに到達できない",
    "the registry answered with an error of its own": "レジストリ側のエラー",
    "the image has no variant for the node's platform": "ノードのプラットフォーム向けのイメージがない",
    "the image's name is malformed": "イメージ名の書式が正しくない",
    "what the registry sent is not what its digest names": "レジストリが送った内容がダイジェストと一致しない",
    "of something that its message does not tell": "メッセージからはわからない",
}
_OBSTACLES = {
    "the API server refused: {}": "API サーバーが拒んだ: {}",
    "the registry refused: {}": "レジストリが拒んだ: {}",
    "`{}` failed: {}": "`{}` が失敗した: {}",
    "the image could not be put on the node: the pod that was to pull it is {}: {}": (
        "ノードにイメージを置けなかった。pull するはずの Pod は {}: {}"
    ),
    "the image could not be put on the node: the pod that was to pull it is {}": (
        "ノードにイメージを置けなかった。pull するはずの Pod は {}"
    ),
    "the image could not be put on the node: after {} s the pod that was to pull it is {}": (
        "ノードにイメージを置けなかった。pull するはずの Pod は {} 秒たっても {}"
    ),
    "the image could not be removed from node {}: {}": "ノード {} からイメージを削除できなかった: {}",
    "the build is complete, and {} has no tag {}": "ビルドは完了したが、{} にタグ {} がない",
    "the registry {} does not delete manifests ({})": "レジストリ {} はマニフェストを削除できない ({})",
    "the registry {} does not let us delete manifests ({})": "レジストリ {} でマニフェストを削除する権限がない ({})",
    "the registry does not delete a manifest: {}": "レジストリはマニフェストを削除できない: {}",
    "the registry accepts that a manifest is deleted, and still has {}": (
        "レジストリはマニフェストの削除を受け付けたが、まだ {} がある"
    ),
    "the cluster changes imagePullPolicy from {} to {} in pods (an admission plugin such as AlwaysPullImages does that)": (
        "クラスターが Pod の imagePullPolicy を {} から {} に変える (AlwaysPullImages などのアドミッションプラグインによる)"
    ),
    "the cluster rewrites the image from {} to {} in pods": "クラスターが Pod のイメージを {} から {} に書き換える",
    "the registry's log shows no request for an image that a node pulled: a mirror or cache is in between": (
        "ノードが pull したイメージへの要求がレジストリのログにない。間にミラーまたはキャッシュがある"
    ),
    "under Always a node got the image that the tag had before, not the one that the registry has: {}": (
        "Always なのに、ノードはレジストリにあるイメージではなく、タグの以前のイメージを取得した: {}"
    ),
    "a mirror or pull-through cache is in between, or the node does not ask": (
        "間にミラーまたはプルスルーキャッシュがあるか、ノードが問い合わせていない"
    ),
}

VERDICTS: Mapping[str, str] = {**_MADE, **_RAN, **_FAILED, **_CAUSES, **_OBSTACLES}
