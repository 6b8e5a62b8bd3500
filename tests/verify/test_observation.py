"""Which WARs a log names: by the probe's words, and by an application server's."""

import pytest

from pullscope.verify import logs, observation

_SERVER = (
    '\x1b[0m12:00:01,123 INFO  [org.jboss.as.server] (ServerService Thread Pool -- 38) WFLYSRV0010: Deployed "{}" '
    '(runtime-name : "{}")\n'
)


@pytest.mark.parametrize(
    ("log", "wars"),
    [
        ('Deployed "/deployments/node.war"\nready\n', ("node.war",)),
        ('Deployed "/deployments/a.war"\nDeployed "/deployments/b.war"\n', ("a.war", "b.war")),
        (_SERVER.format("node.war", "node.war"), ("node.war",)),
        ('echo: Deployed "/deployments/node.war"\n', ()),
        (_SERVER.format("activemq-rar.rar", "activemq-rar.rar"), ()),
        ("ready\n", ()),
    ],
)
def test_deployed(log: str, wars: tuple[str, ...]) -> None:
    assert observation.deployed(log) == wars


@pytest.mark.parametrize(
    ("line", "last"),
    [
        ("ready", True),
        ("12:00:02 INFO  [org.jboss.as] (Controller Boot Thread) WFLYSRV0025: JBoss EAP 7.4 started in 9ms", True),
        (
            "12:00:02 ERROR [org.jboss.as] (Controller Boot Thread) WFLYSRV0026: JBoss EAP 7.4 started (with errors)",
            True,
        ),
        ("already", False),
    ],
)
def test_the_last_line(line: str, last: bool) -> None:
    assert logs.is_last(line) == last
