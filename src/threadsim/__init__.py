"""threadsim: a deterministic simulator and tracer for Python's `threading`.

- `simulate` runs a program once under a scheduler that owns every switch: one seed, one interleaving.
- `explore` runs it under many, and finds one that fails, or tries all there are.
- `replay` runs it along a saved trace.
- `record` traces a real run.
- `load` reads a trace; a `Trace` answers what happened in what order.

The rooms below, from the top: `cli`, `explore`, `simulate`, `record`, `instrument`, `strategy`, `analyse`,
`render`, `model`; imports go down only.
"""

from threadsim import analyse as _analyse  # answers a trace's questions about order
from threadsim.explore.api import explore
from threadsim.explore.determinism import NondeterminismError
from threadsim.explore.exploration import Exploration
from threadsim.model.codec import load
from threadsim.model.errors import (
    Divergence,
    OrderingError,
    ProgramError,
    ThreadsimError,
    TraceError,
    Unmanaged,
    UnmanagedBlock,
    UnmanagedCall,
)
from threadsim.model.event import Event, Kind
from threadsim.model.trace import Outcome, Trace
from threadsim.record.recorder import record
from threadsim.simulate.api import replay, simulate
from threadsim.simulate.execution import Execution

__all__ = [
    "Divergence",
    "Event",
    "Execution",
    "Exploration",
    "Kind",
    "NondeterminismError",
    "OrderingError",
    "Outcome",
    "ProgramError",
    "ThreadsimError",
    "Trace",
    "TraceError",
    "Unmanaged",
    "UnmanagedBlock",
    "UnmanagedCall",
    "explore",
    "load",
    "record",
    "replay",
    "simulate",
]

for _name in __all__:
    globals()[_name].__module__ = "threadsim"  # tracebacks say threadsim.Divergence
del _analyse, _name
