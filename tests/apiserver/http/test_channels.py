"""Messages of the subprotocols, as bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.apiserver.http import channels
from pullscope.apiserver.http.channels import SUBPROTOCOLS, V5, Input, InputEnd, Malformed, Message, Nothing, Size

V4, TEXT, OLD = SUBPROTOCOLS["v4.channel.k8s.io"], SUBPROTOCOLS["v4.base64.channel.k8s.io"], SUBPROTOCOLS[""]


@pytest.mark.parametrize(
    ("protocol", "message", "meaning"),
    [
        pytest.param(V5, b"\x00abc", Input(b"abc"), id="stdin"),
        pytest.param(V5, b"\x00", Input(b""), id="nothing for stdin"),
        pytest.param(V5, b"\xff\x00", InputEnd(), id="end of stdin"),
        pytest.param(V5, b"\xff\x04", Nothing(), id="end of another channel"),
        pytest.param(V5, b"\xff\x05", Malformed(), id="end of a channel that is not there"),
        pytest.param(V5, b"\xff", Malformed(), id="end of no channel"),
        pytest.param(V5, b"\xff\x00\x00", Malformed(), id="end of two channels"),
        pytest.param(V4, b"\xff\x00", Nothing(), id="v4 ends no channel"),
        pytest.param(V5, b'\x04{"Width":80,"Height":24}\n', Size(80, 24), id="size"),
        pytest.param(V5, b'\x04{"Width":80}', Nothing(), id="half a size"),
        pytest.param(V5, b'\x04{"Width":-1,"Height":70000}', Nothing(), id="a size that cannot be"),
        pytest.param(V5, b"\x04[80,24]", Nothing(), id="another shape of size"),
        pytest.param(V5, b"\x04{", Nothing(), id="no JSON"),
        pytest.param(V5, b"\x01abc", Nothing(), id="a channel of the server"),
        pytest.param(V5, b"\x09abc", Nothing(), id="a channel that is not there"),
        pytest.param(V5, b"", Nothing(), id="empty"),
        pytest.param(TEXT, b"0YWJj", Input(b"abc"), id="stdin in base64"),
        pytest.param(TEXT, b"0YW", Nothing(), id="not base64"),
        pytest.param(TEXT, b"\x00YWJj", Nothing(), id="not a digit"),
    ],
)
def test_what_clients_say(protocol: channels.Subprotocol, message: bytes, meaning: Message) -> None:
    assert channels.decode(protocol, message) == meaning


@given(st.sampled_from(list(SUBPROTOCOLS.values())), st.binary(max_size=64))
def test_no_message_is_a_fault(protocol: channels.Subprotocol, message: bytes) -> None:
    channels.decode(protocol, message)


@given(st.sampled_from(list(SUBPROTOCOLS.values())), st.binary())
def test_both_directions_are_alike(protocol: channels.Subprotocol, data: bytes) -> None:
    assert channels.decode(protocol, channels.encode(protocol, channels.STDIN, data)) == Input(data)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([], ""),
        (["v5.channel.k8s.io"], "v5.channel.k8s.io"),
        (["v4.channel.k8s.io", "v5.channel.k8s.io"], "v5.channel.k8s.io"),
        (["unknown", "base64.channel.k8s.io", "v4.channel.k8s.io"], "base64.channel.k8s.io"),
        (["v6.channel.k8s.io", "SPDY/3.1+portforward.k8s.io"], None),
    ],
)
def test_what_is_spoken(offered: list[str], chosen: str | None) -> None:
    protocol = channels.choose(offered)
    assert (protocol and protocol.name) == chosen


def test_how_an_end_is_told() -> None:
    assert channels.end(V5, channels.exited(V5, 0)) == b'\x03{"metadata":{},"status":"Success"}'
    failure = (
        b'{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit status 7",'
        b'"reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}'
    )
    assert channels.end(V4, channels.exited(V4, 7)) == b"\x03" + failure
    assert b"non-zero exit code: command terminated with exit code 7" in (
        channels.end(V5, channels.exited(V5, 7)) or b""
    )
    assert channels.end(OLD, channels.exited(OLD, 0)) is None
    assert (
        channels.end(OLD, channels.exited(OLD, 7)) == b"\x03command terminated with non-zero exit code: exit status 7"
    )
