"""Pure functions on a trace that answer questions about it.

Importing this room is what makes `Trace.happens_before` and `Trace.assert_order` work.
"""

from __future__ import annotations

from collections.abc import Sequence

from threadsim.analyse.happens_before import happens_before
from threadsim.analyse.ordering import assert_order
from threadsim.model.event import Event
from threadsim.model.selector import Selector
from threadsim.model.trace import Trace


class _Analyses:
    def happens_before(self, trace: Trace, first: Event, second: Event) -> bool:
        return happens_before(trace, first, second)

    def assert_order(self, trace: Trace, selectors: Sequence[Selector]) -> None:
        assert_order(trace, selectors)


Trace.analyses = _Analyses()
