"""The walk: from a login to an image of one's own, and that image on the node. [pure]"""

from pullscope.pull.flow import Text
from pullscope.tutorial.steps import NAME, PROJECT, Chapter, Edit, Oc, Step

_BASE = "eap74-openjdk11-openshift-rhel8:7.4.21-2.1743444175"
_STREAM = f"jboss-eap-7/{_BASE}"

BUILD = Oc(f"oc start-build {NAME} --from-dir=deployment --follow", says="Push successful")
APPLY = "oc apply -f deployment.yml"
PODS = Oc(f"oc get pod -l app={NAME}")
LOGS = Oc(f"oc logs deployment/{NAME}", says="ready")
DELETE = Oc(f"oc delete deployment {NAME} --cascade=foreground", says="deleted")
LOOK = Step(Text("The pod, as the cluster tells of it.", "Pod の状態を見ます。"), PODS)
READ = Step(
    Text("The log names the web archive that the image holds.", "ログに、イメージの中の WAR の名前が出ます。"), LOGS
)

CLUSTER = Chapter(
    Text("A cluster and a project", "クラスターとプロジェクト"),
    Text(
        "The throw-away lab stands in for `crc start`. Its base image is a stand-in too: the real one is behind a login.",
        "使い捨てのラボが `crc start` の代わりです。ベースイメージも代役です (本物は Red Hat のログインが必要なため)。",
    ),
    (
        Step(
            Text("Log in as the administrator, as on OpenShift Local.", "OpenShift Local と同じように管理者でログインします。"),
            Oc("oc login -u kubeadmin -p {password} {server}", says="Login successful."),
        ),
        Step(
            Text("A project of one's own; it is the current one from now on.", "自分のプロジェクトを作ります。以後はこれが使われます。"),
            Oc(f"oc new-project {PROJECT}", says=f'"{PROJECT}"'),
        ),
        Step(
            Text("The base image, under a name that builds can use.", "ビルドで使えるように、ベースイメージを取り込みます。"),
            Oc(f"oc import-image {_STREAM} --from=registry.redhat.io/{_STREAM} --confirm", says="imported"),
        ),
    ),
)  # fmt: skip

OWN = Chapter(
    Text("An image of one's own", "自分のイメージ"),
    Text(
        "A binary build takes a directory, puts its web archives into the base image, and pushes the result.",
        "バイナリービルドは、ディレクトリーの WAR をベースイメージに入れて push します。",
    ),
    (
        Step(
            Text(
                "The files: deployment/node.war, registry.war for later, and deployment.yml.",
                "必要なファイルです: deployment/node.war、あとで使う registry.war、そして deployment.yml。",
            ),
            Edit("samples", "pullscope tutorial --files ."),
        ),
        Step(
            Text("What is built, from what.", "何を何からビルドするかを決めます。"),
            Oc(
                f'oc new-build --image-stream="{PROJECT}/{_BASE}" --binary=true --name={NAME} -n {PROJECT}',
                says="--> Success",
            ),
        ),
        Step(
            Text("Build it with what is in deployment/.", "deployment/ の中身でビルドします。"),
            Oc(f"oc start-build {NAME} --from-dir=deployment -n {PROJECT} --follow", says="Push successful"),
        ),
        Step(
            Text("Have it run, as the tutorial does it first.", "まず oc new-app で動かしてみます。"),
            Oc(f"oc new-app {NAME}", says="--> Success", until="running"),
        ),
        Step(
            Text(
                "This Deployment names a digest: an image trigger writes that of each new build into it. A digest cannot go stale.",
                "この Deployment のイメージはダイジェストです。イメージトリガーが新しいビルドのたびに書き換えるので、古くなりようがありません。",
            ),
            Oc(f"oc get deployment {NAME} -o wide", says="@sha256:"),
        ),
        Step(
            Text(
                "So it goes, and one with a tag will take its place. With --cascade=foreground oc waits until its pods are gone too.",
                "そこで削除し、あとでタグを指定したものに置き換えます。--cascade=foreground を付けると Pod が消えるまで待ちます。",
            ),
            DELETE,
        ),
        Step(
            Text(
                "From now on builds push under the tag that deployment.yml names: v1, not latest.",
                "これ以降のビルドは、deployment.yml と同じタグ v1 に push します (latest ではなく)。",
            ),
            Oc(
                f"""oc patch bc {NAME} -p '{{"spec":{{"output":{{"to":{{"name":"{NAME}:v1"}}}}}}}}'""",
                says="patched",
                powershell=f"oc patch bc {NAME} -p 'spec: {{output: {{to: {{name: {NAME}:v1}}}}}}'",
            ),
        ),
    ),
)  # fmt: skip

NODE = Chapter(
    Text("The image gets to the node", "ノードにイメージを置く"),
    Text(
        "A build leaves nothing on the node. Only a pod that pulls does: deploy the node variant, and take it away again.",
        "ビルドだけではノードにイメージは残りません。残るのは Pod が pull したときだけです。ノード用のイメージをデプロイして、また削除します。",
    ),
    (
        Step(Text("The node variant, under the tag v1.", "ノード用のイメージをタグ v1 でビルドします。"), BUILD),
        Step(
            Text(
                "The Deployment of deployment.yml, with IfNotPresent inside its container.",
                "deployment.yml の Deployment です。imagePullPolicy はコンテナーの中に書いてあります。",
            ),
            Oc(APPLY, says="created", until="running"),
        ),
        LOOK,
        READ,
        Step(Text("Take it away; the image stays on the node.", "削除します。イメージはノードに残ります。"), DELETE),
    ),
)  # fmt: skip

CHAPTERS = (CLUSTER, OWN, NODE)
