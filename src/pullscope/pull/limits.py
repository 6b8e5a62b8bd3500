"""How many pulls may begin: the kubelet's token bucket (registryPullQPS, registryBurst).

Upstream: k8s.io/client-go v0.36 util/flowcontrol/throttle.go (NewTokenBucketRateLimiter, TryAccept), which
pkg/kubelet/images/helpers.go puts before the runtime: a pull that finds no token fails with its text.
"""

QPS_EXCEEDED = "pull QPS exceeded"


class Bucket:
    """`qps` tokens come in a second, at most `burst` are kept; it begins full. With `qps` 0 there is no limit."""

    def __init__(self, qps: float, burst: int) -> None:
        self._qps = qps
        self._burst = burst
        self._tokens = float(burst)
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Whether there is a token at `now` (seconds of a clock that never goes back), which is taken."""
        if not self._qps:
            return True
        passed = now - (self._at if self._at is not None else now)
        self._at, self._tokens = now, min(self._burst, self._tokens + passed * self._qps)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
