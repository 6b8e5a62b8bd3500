"""Threads for programs. To begin a thread takes longer than a short program runs, so one that is done waits a moment for the next.

All are daemons: a program that never ends does not keep the process.
"""

import queue
import threading
from collections.abc import Callable

_PATIENCE = 0.2
_KEPT = 8

Work = Callable[[], object]


class Threads:
    """Runs each piece of work on a thread of its own, at once."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """`patience`: the seconds that one waits for work."""
        self.patience = patience
        self._lock = threading.Lock()
        self._idle: list[_Thread] = []
        self._kept = _KEPT

    def run(self, work: Work) -> None:
        """Begin it; it must not raise. Raises RuntimeError at the system's limit of threads."""
        with self._lock:
            thread = self._idle.pop() if self._idle else None
        if thread is None:
            thread = _Thread(self)
            thread.start()
        thread.work.put(work)

    def rest(self, thread: "_Thread") -> bool:
        """Keep a thread that has done its work for another piece; false: it is not needed."""
        with self._lock:
            kept = len(self._idle) < self._kept
            if kept:
                self._idle.append(thread)
        return kept

    def leave(self, thread: "_Thread") -> bool:
        """A thread will wait no more; false: it was given work in that moment."""
        with self._lock:
            idle = thread in self._idle
            if idle:
                self._idle.remove(thread)
        return idle

    def close(self) -> None:
        """Return when those that are idle have ended; none waits any more."""
        with self._lock:
            idle, self._idle, self._kept = self._idle, [], 0
        for thread in idle:
            thread.work.put(None)
        for thread in idle:
            thread.join()


class _Thread(threading.Thread):
    """None as work ends it."""

    def __init__(self, threads: Threads) -> None:
        super().__init__(name="pullscope-program", daemon=True)
        self.work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._threads = threads

    def run(self) -> None:
        work = self.work.get()
        while work is not None:
            work()
            work = None  # it holds the program
            if self._threads.rest(self):
                work = self._next()

    def _next(self) -> Work | None:
        try:
            return self.work.get(timeout=self._threads.patience)
        except queue.Empty:
            return None if self._threads.leave(self) else self.work.get()
