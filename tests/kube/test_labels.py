"""Label selectors: upstream's grammar, its matches and its sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pullscope.kube import labels, status

WEB = {"app": "web", "tier": "front", "n": "5"}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("", True),
        ("app=web", True),
        ("app==web", True),
        ("app=db", False),
        ("app!=db", True),
        ("app!=web", False),
        ("missing!=web", True),
        ("app", True),
        ("missing", False),
        ("!missing", True),
        ("!app", False),
        ("app in (web,db)", True),
        ("app in (db)", False),
        ("app notin (db, cache)", True),
        ("missing notin (db)", True),
        ("missing in ()", False),
        ("n>4", True),
        ("n<5", False),
        ("app>4", False),
        ("app=web,tier=back", False),
        ("app = web , tier in ( front , back ) , !gone", True),
        ("in=1", False),
        ("app in (in,web)", True),
    ],
)
def test_selects(text: str, selected: bool) -> None:
    assert labels.parse(text).matches(WEB) is selected


def test_no_labels_are_like_empty_labels() -> None:
    assert labels.parse("!app").matches(None)
    assert not labels.parse("app").matches(None)


def test_nothing_and_everything() -> None:
    assert labels.EVERYTHING.matches({})
    assert labels.EVERYTHING.everything
    assert not labels.NOTHING.matches(WEB)
    assert not labels.NOTHING.everything
    assert labels.parse("").everything


_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"),
        ("a in (b=)", "unable to parse requirement: found '=', expected: ',' or ')'"),
        ("a in (b,=)", "unable to parse requirement: found '=', expected: ',', or identifier"),
        ("-a=b", f'unable to parse requirement: <nil>: Invalid value: "-a": name part {_KEY_RULE}'),
        ("a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {_VALUE_RULE}'),
        (
            "a>b",
            (
                'unable to parse requirement: values[0]: Invalid value: "b": '
                "for 'Gt', 'Lt' operators, the value must be an integer"
            ),
        ),
        (
            "a>-",
            (
                "unable to parse requirement: "
                "[values[0]: Invalid value: \"-\": for 'Gt', 'Lt' operators, the value must be an integer, "
                f'values[0][a]: Invalid value: "-": {_VALUE_RULE}]'
            ),
        ),
    ],
)
def test_complaints_are_upstreams(text: str, message: str) -> None:
    with pytest.raises(status.ApiError) as refused:
        labels.parse(text)
    assert (refused.value.code, refused.value.reason) == (400, "BadRequest")
    assert refused.value.message == message


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("b=1,a=2", "a=2,b=1"),
        ("x in (c,a,,b)", "x in (,a,b,c)"),
        ("x notin ()", "x notin ()"),
        ("x in (,a)", "x in (,a)"),
        ("!a,b,c>1,d<2,e==3,f!=4", "!a,b,c>1,d<2,e==3,f!=4"),
        ("a=", "a="),
    ],
)
def test_text_form(text: str, canonical: str) -> None:
    selector = labels.parse(text)
    assert str(selector) == canonical
    assert labels.parse(canonical) == selector


@given(st.text(alphabet="ab=!(),<> in-/.\t"))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        selector = labels.parse(text)
    except status.ApiError:
        return
    assert labels.parse(str(selector)) == selector


_words = st.text(alphabet="abc1", min_size=1, max_size=3)


@given(st.sets(_words, min_size=1), st.dictionaries(_words, _words))
def test_in_and_notin_are_opposites(values: set[str], given_labels: dict[str, str]) -> None:
    listed = ",".join(values)
    inside = labels.parse(f"key in ({listed})").matches(given_labels)
    assert labels.parse(f"key notin ({listed})").matches(given_labels) is not inside
