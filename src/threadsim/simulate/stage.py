"""Where code that the program calls finds the execution that is under way.

One process has at most one, in one OS thread. Other OS threads (a test runner's, a pool of the person's own,
the one that draws a progress bar) go on meanwhile; they meet the same patched names and rewritten functions,
and are none of the execution's business: for them everything does what it always does. So whoever wants the
kernel for a call that somebody makes asks `here`, which is None for them.
"""

from __future__ import annotations

import sys
from _thread import get_ident as get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadsim.simulate.kernel import Kernel

kernel: Kernel | None = None
"""The kernel of the execution, None outside of one and while it is torn down."""

watching: Kernel | None = None
"""The same while more than one thread may touch shared state; otherwise accesses are nobody's business."""

thread = 0
"""The OS thread in which the simulated threads run, or ran last."""

mixed = False
"""Whether there are OS threads besides that one and ours.

Found out when an execution begins, after each import, and when one of them calls something of the standard
library's; it saves the hooks half of what it costs to ask whose call it is.
"""

helpers: set[int] = set()
"""OS threads of ours, which take no locks but their own."""


def here() -> Kernel | None:
    """The kernel, for a call that a simulated thread makes; None for one of any other thread's.

    Those in the greatest hurry ask the same in their own lines.
    """
    global mixed
    if kernel is None:
        return None
    if get_ident() != thread:
        mixed = True
        return None
    return kernel


def look_for_others() -> None:
    """Find out whether there are other OS threads, given that the execution's is the current one."""
    global thread, mixed
    thread = get_ident()
    mixed = any(ident != thread and ident not in helpers for ident in sys._current_frames())
