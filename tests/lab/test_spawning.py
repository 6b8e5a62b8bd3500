"""How the lab's process is started."""

import pytest

from pullscope.lab import spawning


def test_on_windows_it_has_no_window_and_gets_no_ctrl_c() -> None:
    flags = 0x08000000 | 0x00000200  # CREATE_NO_WINDOW and CREATE_NEW_PROCESS_GROUP of winbase.h
    assert spawning.detached("win32") == {"creationflags": flags}


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_elsewhere_it_has_a_session_of_its_own(platform: str) -> None:
    assert spawning.detached(platform) == {"start_new_session": True}
