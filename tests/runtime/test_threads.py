"""Threads that wait for the next piece of work."""

import threading

from pullscope.runtime.threads import Threads


def test_each_piece_of_work_has_a_thread_of_its_own() -> None:
    threads, together = Threads(), threading.Barrier(4)
    for _ in range(3):
        threads.run(together.wait)
    together.wait(timeout=10)
    threads.close()


def done_by(threads: Threads) -> threading.Thread:
    """The thread that did a piece of work, when it waits for another or has ended."""
    over, done = threading.Event(), []

    def work() -> None:
        done.append(threading.current_thread())
        over.set()

    threads.run(work)
    assert over.wait(timeout=10)
    (thread,) = done
    while thread not in threads._idle and thread.is_alive():
        thread.join(timeout=0.001)
    return thread


def test_a_thread_does_one_piece_of_work_after_the_other() -> None:
    threads = Threads(patience=60)
    assert len({done_by(threads) for _ in range(10)}) == 1
    threads.close()


def test_a_thread_that_nobody_needs_ends() -> None:
    threads = Threads(patience=0.001)
    thread = done_by(threads)
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert not threads._idle


def test_none_waits_after_the_end() -> None:
    threads = Threads(patience=60)
    idle = done_by(threads)
    threads.close()
    assert not idle.is_alive()
    last = done_by(threads)
    last.join(timeout=10)
    assert not last.is_alive()
