"""Digests, times and refusals in sentences for people, alike in every rule. [pure]"""

from datetime import datetime, timedelta

from pullscope.pull import complaints
from pullscope.pull.flow import Text

_SHORT = 12


def short(digest: str) -> str:
    """`sha256:0123456789ab`: enough to tell images apart."""
    algorithm, _, rest = digest.partition(":")
    return f"{algorithm}:{rest[:_SHORT]}"


def at(time: datetime) -> str:
    """A time as Kubernetes writes it."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def span(length: timedelta) -> str:
    """A length of time as kubectl shows ages, in one unit or two: `45s`, `3m10s`, `2h5m`, `3d`."""
    seconds = max(0, round(length.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 2:
        return f"{seconds}s"
    if hours < 1:
        return f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"
    if days < 1:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d"


def plain(text: str) -> Text:
    """What is the same in every language: an event, a message, a command's words."""
    return Text(text, text)


def joined(*texts: Text) -> Text:
    """Several clauses as one sentence."""
    return Text("; ".join(each.en for each in texts), "。".join(each.ja for each in texts))


STATUS: dict[str, Text] = {
    "no tag": Text("there is no such tag", "そのタグがありません"),
    "no repository": Text("there is no such repository", "そのリポジトリがありません"),
    "unauthorised": Text("access was refused", "アクセスが拒否されました"),
    "rate limited": Text("the rate of requests is limited", "リクエスト数が制限されています"),
    "unreachable": Text("the registry cannot be reached", "レジストリに接続できません"),
    "invalid": Text("the registry's answer cannot be used", "レジストリの応答が不正です"),
}
"""What a registry's refusal is called."""

JAPANESE: dict[complaints.Cause, str] = {
    complaints.Cause.MISSING: "レジストリにこのタグがありません",
    complaints.Cause.OTHER_TAG: "別のイメージが要求されました",
    complaints.Cause.TLS: "レジストリの証明書またはプロトコルが受け入れられません",
    complaints.Cause.CREDENTIALS: "レジストリが認証情報を拒否したか、要求しています",
    complaints.Cause.LIMITED: "レジストリがリクエスト数を制限しています",
    complaints.Cause.UNREACHABLE: "レジストリに接続できません",
    complaints.Cause.BROKEN: "レジストリがエラーを返しました",
    complaints.Cause.CONTENT: "レジストリから届いた内容がダイジェストと一致しません",
    complaints.Cause.PLATFORM: "ノードのプラットフォーム用のイメージがありません",
    complaints.Cause.NAME: "イメージ名の書式が不正です",
    complaints.Cause.UNKNOWN: "",
}
"""`Cause.value` in Japanese; the texts of Cause.UNKNOWN are the message itself."""
