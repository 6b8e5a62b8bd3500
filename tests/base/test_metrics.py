"""The exposition format, as Prometheus documents it, and what the process says of itself."""

import re
import sys

from pullscope.base import process
from pullscope.base.metrics import Metrics, Values, exponential


def test_counters_and_gauges_with_labels() -> None:
    metrics = Metrics()
    requests = metrics.counter("requests_total", "Requests.\nAll of them.", "verb", "code")
    requests.inc("GET", "200")
    requests.inc("GET", "200", by=2)
    requests.inc("POST", "201")
    watching = metrics.gauge("watches", "Watches.")
    watching.inc()
    watching.dec()
    assert metrics.text() == (
        "# HELP requests_total Requests.\\nAll of them.\n"
        "# TYPE requests_total counter\n"
        'requests_total{verb="GET",code="200"} 3\n'
        'requests_total{verb="POST",code="201"} 1\n'
        "# HELP watches Watches.\n"
        "# TYPE watches gauge\n"
        "watches 0\n"
    )


def test_label_values_are_escaped() -> None:
    metrics = Metrics()
    metrics.counter("odd_total", "Odd.", "text").inc('a"b\\c\nd')
    assert 'odd_total{text="a\\"b\\\\c\\nd"} 1\n' in metrics.text()


def test_a_histogram_counts_what_is_no_larger_than_each_bound() -> None:
    metrics = Metrics()
    seconds = metrics.histogram("seconds", "Seconds.", "verb", bounds=(0.5, 1, 2.5))
    for number in (0.25, 0.5, 1, 7.25):
        seconds.observe(number, "GET")
    assert metrics.text().splitlines()[2:] == [
        'seconds_bucket{verb="GET",le="0.5"} 2',
        'seconds_bucket{verb="GET",le="1"} 3',
        'seconds_bucket{verb="GET",le="2.5"} 3',
        'seconds_bucket{verb="GET",le="+Inf"} 4',
        'seconds_sum{verb="GET"} 9',
        'seconds_count{verb="GET"} 4',
    ]


def test_computed_numbers_are_asked_for_when_they_are_read() -> None:
    metrics = Metrics()
    objects: dict[Values, float] = {("pods",): 1}
    metrics.computed("objects", "Objects.", "resource", ask=lambda: objects)
    assert 'objects{resource="pods"} 1\n' in metrics.text()
    objects["pods",] = 2.5
    assert 'objects{resource="pods"} 2.5\n' in metrics.text()


def test_exponential_bounds() -> None:
    assert exponential(1, 2, 4) == [1, 2, 4, 8]


def test_the_process_tells_what_it_takes() -> None:
    metrics = Metrics()
    process.describe(metrics)
    told = dict(re.findall(r"^(process_\w+) (\S+)$", metrics.text(), re.MULTILINE))
    assert float(told["process_cpu_seconds_total"]) > 0
    if sys.platform == "linux":
        assert float(told["process_resident_memory_bytes"]) > 1e6
        assert int(told["process_open_fds"]) >= 3
