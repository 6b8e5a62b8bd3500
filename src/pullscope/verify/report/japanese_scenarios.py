"""Japanese: the topics of the full suite, and what each scenario is about. Part of the catalogue of `japanese`."""

from collections.abc import Mapping

_TOPICS = {
    "each policy, with an image on the node, in the registry, or in neither": (
        "各ポリシーと、ノードおよびレジストリでのイメージの有無"
    ),
    "each policy, and all that a registry may have or do": "各ポリシーと、レジストリの状態や応答のすべて",
    "pods without imagePullPolicy, which the API server takes from the image's name": (
        "imagePullPolicy のない Pod (API サーバーがイメージ名から決める)"
    ),
    "kubectl rollout restart and kubectl set image, under each policy": (
        "各ポリシーでの kubectl rollout restart と kubectl set image"
    ),
    "the registry goes away during a rollout, and comes back": "ロールアウト中にレジストリが止まり、復旧する",
    "two nodes that have different images under one tag": "同じタグで別々のイメージを持つ二つのノード",
    "containers that start again, and images removed with crictl rmi": (
        "コンテナの再起動と、crictl rmi によるイメージの削除"
    ),
    "the images of init containers": "init コンテナのイメージ",
    "the admission plugin AlwaysPullImages": "アドミッションプラグイン AlwaysPullImages",
    "pull secrets of pods and of service accounts, for private images": (
        "プライベートイメージのための、Pod とサービスアカウントの imagePullSecrets"
    ),
    "whether a pod may use an image that another pod has pulled (since 1.35)": (
        "別の Pod が pull したイメージを使えるかどうか (1.35 以降)"
    ),
    "the article's cases, with an image that was pulled for another service account": (
        "記事の各ケースを、別のサービスアカウントのために pull されたイメージで行う"
    ),
    "the same on kubelets before 1.35, which ask nobody": "同じことを、確認を行わない 1.35 より前の kubelet で行う",
}
_DEFAULTING = {
    "a pod without policy, its image without a tag": "ポリシーのない Pod、イメージはタグなし",
    "a pod without policy, its image with :latest": "ポリシーのない Pod、イメージは :latest",
    "a pod without policy, its image with a tag": "ポリシーのない Pod、イメージはタグ付き",
    "a pod without policy, its image by digest": "ポリシーのない Pod、イメージはダイジェスト指定",
    "a pod without policy, its image with a tag and a digest": "ポリシーのない Pod、イメージはタグとダイジェスト付き",
    "a pod without policy, its image with :latest and a digest": (
        "ポリシーのない Pod、イメージは :latest とダイジェスト付き"
    ),
    "a Deployment without policy, of :latest at first, then of a tag": (
        "ポリシーのない Deployment、イメージを :latest から別のタグに変える"
    ),
    "a pod by digest, whose image the node has under a tag": (
        "ダイジェスト指定の Pod、そのイメージはタグ付きでノードにある"
    ),
    "Always: the registry's image": "Always: レジストリのイメージ",
    "IfNotPresent: the node's image": "IfNotPresent: ノードのイメージ",
    "IfNotPresent: the digest's image, unasked": "IfNotPresent: ダイジェストのイメージ、問い合わせなし",
    "Always: the digest's image, asked for": "Always: ダイジェストのイメージ、問い合わせあり",
    "Always stays: the registry's image": "Always のまま: レジストリのイメージ",
}
_ROLLOUTS = {
    "a rollout is restarted after a push under the same tag": "同じタグに push した後、ロールアウトを再起動する",
    "the image is set to a tag that the node does not have": "イメージを、ノードにないタグに変える",
    "the image is set to a tag that nobody has, until it is pushed": (
        "イメージを、どこにもないタグに変え、後からそのタグを push する"
    ),
    "the image is set to the digest that was pushed under the same tag": (
        "イメージを、同じタグに push されたダイジェストに変える"
    ),
    "Running: the node's image again": "Running: 再びノードのイメージ",
    "Running: the other tag's image": "Running: 別のタグのイメージ",
    "Running: the digest's image": "Running: ダイジェストのイメージ",
    "ErrImageNeverPull; the old pod stays": "ErrImageNeverPull。古い Pod は残る",
    "ErrImagePull; the old pod stays": "ErrImagePull。古い Pod は残る",
}
_OUTAGE = {
    "a rollout is restarted while the registry is down, then it comes back": (
        "レジストリの停止中にロールアウトを再起動し、その後レジストリが復旧する"
    ),
    "a pod is deleted while the registry is down, then it comes back": (
        "レジストリの停止中に Pod を削除し、その後レジストリが復旧する"
    ),
    "a rollout is restarted while the registry is down": "レジストリの停止中にロールアウトを再起動する",
    "a pod is deleted while the registry is down": "レジストリの停止中に Pod を削除する",
    "another tag is rolled out while the registry has an error of its own, then it recovers": (
        "レジストリがエラーを返す間に別のタグをロールアウトし、その後レジストリが復旧する"
    ),
    "CRI-O says that the registry is unavailable": "CRI-O はレジストリが利用できないと報告する",
    "containerd has no word of its own for a registry that is unavailable": (
        "containerd には、利用できないレジストリを表す独自の理由がない"
    ),
    "fails; the old pod stays": "起動失敗。古い Pod は残る",
    "fails; its replacement too": "起動失敗。代わりの Pod も同じ",
    "fails, and recovers by itself": "起動失敗。その後、自然に回復する",
    "fails: RegistryUnavailable": "起動失敗: RegistryUnavailable",
    "fails: ErrImagePull": "起動失敗: ErrImagePull",
    "Running: the node's image, unasked": "Running: ノードのイメージ、問い合わせなし",
}
_SKEW = {
    "a tag moved: one node has the old image, the other has none": (
        "タグが移動した。一方のノードには古いイメージがあり、他方にはない"
    ),
    "the image is on one node alone": "イメージは一方のノードにだけある",
    "the tag was deleted: one node has the image, the other has none": (
        "タグが削除された。一方のノードにはイメージがあり、他方にはない"
    ),
    "old on one node, new on the other": "一方のノードで古いもの、他方で新しいもの",
    "Running: the registry's image on both": "Running: 両方ともレジストリのイメージ",
    "ErrImageNeverPull on the other node": "他方のノードで ErrImageNeverPull",
    "runs on one node, fails on the other": "一方のノードで起動、他方で失敗",
}
_RESTART = {
    "a tag moved, and crictl rmi of the old image": "タグが移動し、古いイメージを crictl rmi する",
    "crictl rmi of the image": "イメージを crictl rmi する",
    "crictl rmi of an image whose tag was deleted": "タグが削除されたイメージを crictl rmi する",
    "a tag moved, and the container restarts": "タグが移動し、コンテナが再起動する",
    "CRI-O refuses crictl rmi of an image in use, and the container restarts": (
        "使用中のイメージの crictl rmi を CRI-O が拒み、コンテナが再起動する"
    ),
    "containerd removes an image in use, and the container restarts": (
        "使用中のイメージを containerd が削除し、コンテナが再起動する"
    ),
    "Running: pulled anew, the registry's image": "Running: 改めて pull し、レジストリのイメージ",
    "the same pod, another image": "同じ Pod で別のイメージ",
    "the same pod, the same image": "同じ Pod で同じイメージ",
    "nobody has the image any more": "イメージはもうどこにもない",
}
_INIT = {
    "the image of the init container is missing, that of app is not": (
        "init コンテナのイメージがなく、app のイメージはある"
    ),
    "both containers have the same image": "両方のコンテナが同じイメージを使う",
    "a tag moved, and both containers have the image that the node has": (
        "タグが移動し、両方のコンテナがノードにあるイメージを使う"
    ),
    "the image of the init container is not on the node, that of app is": (
        "init コンテナのイメージはノードになく、app のイメージはある"
    ),
    "Init:ErrImagePull; app is not pulled": "Init:ErrImagePull。app は pull されない",
    "Running: pulled once for both": "Running: 両方のために一度だけ pull",
    "Running: asked for each container": "Running: コンテナごとに問い合わせ",
    "Running: the node's image for both": "Running: 両方ともノードのイメージ",
}
_CREDENTIALS = {
    "the pod names a secret for the registry": "Pod がレジストリ用の Secret を指定する",
    "nobody has credentials": "認証情報がどこにもない",
    "the secret has a wrong password": "Secret のパスワードが誤っている",
    "there is no secret of that name: the kubelet says so, and pulls without": (
        "その名前の Secret がない。kubelet はそれを報告し、認証情報なしで pull する"
    ),
    "the pod's service account names the secret": "Pod のサービスアカウントが Secret を指定する",
    "the pod names a wrong secret, so that of its service account does not count": (
        "Pod が誤った Secret を指定するため、サービスアカウントの Secret は使われない"
    ),
    "of two secrets for the registry the first is wrong": "レジストリ用の二つの Secret のうち、最初のものが誤っている",
    "the secret is for the repository": "Secret はリポジトリ用",
    "the secret is for a glob of the registry's host": "Secret はレジストリのホスト名のグロブ用",
    "the secret is for another repository": "Secret は別のリポジトリ用",
    "the secret is for the host without its port": "Secret はポートを除いたホスト用",
    "the secret is for the registry's address as docker writes it": "Secret は docker が書く形のレジストリのアドレス用",
    "the secret is for any port: there are no globs in ports": "Secret は任意のポート用。ポートにグロブは使えない",
    "one of two secrets does not exist: the kubelet says so, and the other one serves": (
        "二つの Secret の一方が存在しない。kubelet はそれを報告し、もう一方を使う"
    ),
    "the registry wants a token, which its own service gives for the secret": (
        "レジストリがトークンを求め、その発行元が Secret と引き換えに渡す"
    ),
    "the registry wants a token, and the secret has a wrong password": (
        "レジストリがトークンを求め、Secret のパスワードが誤っている"
    ),
}
_REVERIFICATION = {
    "the image was pulled with a secret, and the pod has none": (
        "イメージは Secret を使って pull されたが、Pod には Secret がない"
    ),
    "the pod has the secret that the image was pulled with": "Pod に、イメージの pull に使われた Secret がある",
    "the pod has another secret with the same username and password": (
        "Pod に、同じユーザー名とパスワードを持つ別の Secret がある"
    ),
    "the pod's secret has a wrong password": "Pod の Secret のパスワードが誤っている",
    "a tag moved, and the pod has other credentials that are as good": (
        "タグが移動し、Pod には同じく有効な別の認証情報がある"
    ),
    "the pod has other credentials that are as good: nobody may ask the registry": (
        "Pod に同じく有効な別の認証情報があるが、レジストリへの問い合わせは許されない"
    ),
    "the pod has other credentials that are as good, and the next one has them too": (
        "Pod に同じく有効な別の認証情報があり、次の Pod にもある"
    ),
    "the pod has no secret and names the image by its digest": "Pod に Secret がなく、イメージをダイジェストで指定する",
    "the image was pulled without credentials, before the registry wanted some": (
        "レジストリが認証を求める前に、イメージは認証情報なしで pull された"
    ),
    "the pod's service account names the secret that the image was pulled with": (
        "Pod のサービスアカウントが、イメージの pull に使われた Secret を指定する"
    ),
    "pulled again where the tag is gone: the image that is there does not count": (
        "タグが消えた後の再 pull。ノードにあるイメージは使われない"
    ),
    "the image was put on the node by hand, and the pod has no secret": (
        "イメージは手作業でノードに置かれ、Pod には Secret がない"
    ),
    "AlwaysVerify: the image was put on the node by hand, and the pod has no secret": (
        "AlwaysVerify: イメージは手作業でノードに置かれ、Pod には Secret がない"
    ),
    "NeverVerify: the image was pulled with a secret, and the pod has none": (
        "NeverVerify: イメージは Secret を使って pull されたが、Pod には Secret がない"
    ),
    "the image was removed from the node, and the pod has no secret": (
        "イメージはノードから削除され、Pod には Secret がない"
    ),
    "the registry is down, and the pod has other credentials that are as good": (
        "レジストリは停止中で、Pod には同じく有効な別の認証情報がある"
    ),
    "the image was pulled with a secret from a registry that asks for none, and the pod has none": (
        "認証を求めないレジストリから Secret を使って pull されたイメージで、Pod には Secret がない"
    ),
    "the image was removed by hand and put back by hand: the record of the pull has stayed": (
        "イメージは手作業で削除され、手作業で戻された。pull の記録は残っている"
    ),
    "one of the pod's two secrets is the one that the image was pulled with": (
        "Pod の二つの Secret の一方が、イメージの pull に使われたものである"
    ),
    "pulls, and fails: nobody listens": "pull して起動失敗: 接続先がない",
    "the image was pulled with a secret, and the pod has none: Always asks the registry in any release": (
        "イメージは Secret を使って pull されたが、Pod には Secret がない。Always はどのリリースでもレジストリに問い合わせる"
    ),
    "pulls, and fails: no access": "pull して起動失敗: アクセスできない",
    "pulls, and fails: image not found": "pull して起動失敗: イメージが見つからない",
    "ErrImageNeverPull, though it is there": "ノードにあるのに ErrImageNeverPull",
    "pulls: newer than its neighbour": "pull する。隣の Pod より新しいイメージ",
    "asks once, and is remembered": "一度だけ問い合わせ、以後は記録を使う",
}
_OTHERS = {
    "No. {} under another service account": "別のサービスアカウントでの No. {}",
    "as {}: {}": "{} と同じ: {}",
    "not as {}: {}": "{} と異なる: {}",
    "image not found": "イメージが見つからない",
    "the registry's image": "レジストリのイメージ",
    "a tag moved, and the node has the old image": "タグが移動し、ノードには古いイメージがある",
    "the node does not have the image": "ノードにイメージがない",
    "the tag was deleted, and the node has the image": "タグが削除され、ノードにはイメージがある",
    "the registry is down, and the node has the image": "レジストリは停止中で、ノードにはイメージがある",
    "Always: pulled, where Never would fail": "Always: pull する。Never なら失敗するところ",
    "Always: image not found": "Always: イメージが見つからない",
    "Always: nobody listens": "Always: 接続先がない",
}

SCENARIOS: Mapping[str, str] = {
    **_TOPICS,
    **_DEFAULTING,
    **_ROLLOUTS,
    **_OUTAGE,
    **_SKEW,
    **_RESTART,
    **_INIT,
    **_CREDENTIALS,
    **_REVERIFICATION,
    **_OTHERS,
}
