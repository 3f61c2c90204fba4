"""Where code that the program calls finds the execution that is under way.

One process has at most one, in one OS thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadsim.simulate.kernel import Kernel

kernel: Kernel | None = None
"""The kernel of the execution, None outside of one and while it is torn down."""

watching: Kernel | None = None
"""The same while more than one thread may touch shared state; otherwise accesses are nobody's business."""
