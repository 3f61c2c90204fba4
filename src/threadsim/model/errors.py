"""The errors that threadsim raises at a person who uses it.

How a *program* ended (failed, deadlock …) is never an exception of ours: it is an
`threadsim.model.trace.Ending`. These are for misuse and for what cannot be done.
"""

from __future__ import annotations


class ThreadsimError(Exception):
    """Anything that threadsim itself has to complain about; the message says what to do."""


class TraceError(ThreadsimError):
    """A trace file that cannot be read; the message names the file, the line and what is wrong."""


class ProgramError(ThreadsimError):
    """A program that cannot be run at all: no such file, a folder, a syntax error."""


class Unmanaged(ThreadsimError):  # noqa: N818 - named for what happened, as the outcome words are
    """A simulated thread did something that the simulator does not manage."""


class UnmanagedBlock(Unmanaged):
    """It blocked in something, or did not come to a scheduling point any more."""


class UnmanagedCall(Unmanaged):
    """It called something that cannot be simulated, such as ``os.fork``."""


class InternalError(ThreadsimError):
    """A fault of threadsim itself, not of the program under test."""


class OrderingError(AssertionError, ThreadsimError):
    """An ordering property that does not hold on a trace."""


class Divergence(ThreadsimError):  # noqa: N818 - the name is part of the public contract
    """A replay that could not follow its trace.

    Attributes:
        step: The number of the scheduling point at which they parted, counted from 0.
        expected: What the trace says happens there.
        got: What the program did instead.
    """

    def __init__(self, message: str, *, step: int, expected: str, got: str) -> None:
        super().__init__(message)
        self.step = step
        self.expected = expected
        self.got = got
