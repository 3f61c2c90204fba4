"""What everything else reads and writes: events, sites, schedules, traces, and their file.

Values only. Nothing here runs a program, and nothing here imports another room.
"""

from threadsim.model import codec
from threadsim.model.trace import Trace

Trace.files = codec
