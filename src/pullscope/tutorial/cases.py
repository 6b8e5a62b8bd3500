"""The six cases by hand, in the order in which each leaves what the next one needs. [pure]"""

from pullscope.pull.flow import Text
from pullscope.tutorial.steps import IMAGE, NAME, Chapter, Edit, Oc, Step
from pullscope.tutorial.walk import APPLY, BUILD, DELETE, LOOK, READ

_ALWAYS = Step(
    Text("The policy is now Always.", "imagePullPolicy を Always にします。"),
    Edit(
        "Always",
        "sed -i 's/IfNotPresent/Always/' deployment.yml",
        "(Get-Content deployment.yml) -replace 'IfNotPresent', 'Always' | Set-Content deployment.yml",
    ),
)
_IF_NOT_PRESENT = Step(
    Text("The policy is IfNotPresent again.", "imagePullPolicy を IfNotPresent に戻します。"),
    Edit(
        "IfNotPresent",
        "sed -i 's/Always/IfNotPresent/' deployment.yml",
        "(Get-Content deployment.yml) -replace 'Always', 'IfNotPresent' | Set-Content deployment.yml",
    ),
)
_DEPLOY = Step(
    Text("Deploy, and see what becomes of it.", "デプロイして様子を見ます。"), Oc(APPLY, "created", "settled")
)
_AWAY = Step(
    Text(
        "The Deployment goes first: an unchanged `oc apply` starts no pod.",
        "先に Deployment を削除します。変更のない `oc apply` では Pod は起動しません。",
    ),
    DELETE,
)

SIX = Chapter(
    Text("Case 6: the stale image", "No. 6: 古いイメージが動く"),
    Text(
        "A new build under the same tag: the registry has the new image, the node the old one, and IfNotPresent is content "
        "with what the node has.",
        "同じタグで新しくビルドします。レジストリには新しいイメージ、ノードには古いイメージがあり、IfNotPresent はノードにあるもので済ませます。",
    ),
    (
        Step(
            Text("registry.war takes the place of node.war.", "node.war を registry.war に入れ替えます。"),
            Edit("registry.war", "mv deployment/node.war . ; mv registry.war deployment/"),
        ),
        Step(Text("The registry variant, under the same tag.", "レジストリ用のイメージを同じタグでビルドします。"), BUILD),
        _DEPLOY,
        LOOK,
        READ,
    ),
    case="6",
    war="node.war",
)  # fmt: skip
TWO = Chapter(
    Text("Case 2: Always", "No. 2: Always"),
    Text(
        "Always asks the registry, whatever the node has. Afterwards the node has the new image under that tag.",
        "Always はノードに何があってもレジストリに問い合わせます。このあとノードのタグは新しいイメージを指します。",
    ),
    (_AWAY, _ALWAYS, _DEPLOY, LOOK, READ),
    case="2",
    war="registry.war",
)
FIVE = Chapter(
    Text("Case 5: nothing in the registry", "No. 5: レジストリにイメージなし"),
    Text(
        "`oc delete is` takes every name away. An ImageStream is a list of references, not the registry itself: the content "
        "is still there, and can no longer be pulled.",
        "`oc delete is` ですべての名前が使えなくなります。ImageStreamは参照情報であり、レジストリそのものではない。中身は残っていますが、もう pull できません。",
    ),
    (
        _AWAY,
        _IF_NOT_PRESENT,
        Step(Text("The registry's names go.", "レジストリ側の名前を消します。"), Oc(f"oc delete is {NAME}", "deleted")),
        _DEPLOY,
        LOOK,
        READ,
    ),
    case="5",
    war="registry.war",
)  # fmt: skip
ONE = Chapter(
    Text("Case 1: Always, and nothing in the registry", "No. 1: Always、レジストリにイメージなし"),
    Text("The image is on the node, and is not used.", "イメージはノードにありますが、使われません。"),
    (_AWAY, _ALWAYS, _DEPLOY, LOOK),
    case="1",
)
THREE = Chapter(
    Text("Case 3: nothing anywhere", "No. 3: どこにもイメージなし"),
    Text(
        "The node is emptied. `crictl rmi` refuses an image that a container uses, so the Deployment goes first.",
        "ノードを空にします。コンテナーが使っているイメージは `crictl rmi` が削除を拒むので、先に Deployment を削除します。",
    ),
    (
        _AWAY,
        _IF_NOT_PRESENT,
        Step(
            Text("On the node itself: take the image away.", "ノードに入ってイメージを削除します。"),
            Oc(f"oc debug node/crc -- chroot /host crictl rmi {IMAGE}", "Deleted: "),
        ),
        _DEPLOY,
        LOOK,
    ),
    case="3",
)
FOUR = Chapter(
    Text("Case 4: not on the node, in the registry", "No. 4: ノードにイメージなし、レジストリにあり"),
    Text(
        "After `oc delete is` a build has no place to push to, and fails at once. A stream of that name has to be there again.",
        "`oc delete is` のあとのビルドは、出力先がないのですぐに失敗します。同じ名前の ImageStream をもう一度作ります。",
    ),
    (
        _AWAY,
        Step(
            Text("The stream, without a tag yet.", "ImageStream を作ります (タグはまだありません)。"),
            Oc(f"oc create imagestream {NAME}", "created"),
        ),
        Step(Text("The registry variant again.", "レジストリ用のイメージをもう一度ビルドします。"), BUILD),
        _DEPLOY,
        LOOK,
        READ,
    ),
    case="4",
    war="registry.war",
)  # fmt: skip

CHAPTERS = (SIX, TWO, FIVE, ONE, THREE, FOUR)
