"""Calls of the standard library's methods, led through functions of ours for a while.

A method such as ``Thread.start`` is called through names that were bound long before (``from threading
import Thread``, a subclass, a bound method kept somewhere), so replacing the name is not enough, and
assigning to the class would use up its version tags (3.13 stops caching look-ups on a class that was
modified a thousand times). So the function object stays and its ``__code__`` is swapped: the new code
calls the handler and passes it a function with the original code.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType, TracebackType
from typing import Any, Self

_HANDLER = "<the handler>"
_ORIGINAL = "<the original>"


class MethodSwap:
    """A set of functions that can be led elsewhere and put back, as often as one likes.

    While installed, a call ``function(*arguments)`` becomes ``handler(original, *arguments)``: all
    parameters by position, in the order of the signature, defaults filled in; `original` is a plain
    function that does what `function` did.

    Args:
        table: Pairs of function and handler.

    Example:
        >>> import threading
        >>> def start(original, thread):
        ...     print("start", thread.name)
        ...     original(thread)
        >>> with MethodSwap([(threading.Thread.start, start)]):
        ...     threading.Thread(name="worker").start()
        start worker
    """

    def __init__(self, table: Iterable[tuple[FunctionType, Callable[..., Any]]]) -> None:
        self._swaps = [
            (function, function.__code__, _trampoline(function, handler)) for function, handler in table
        ]

    def install(self) -> None:
        """Lead the calls to the handlers."""
        for function, _, trampoline in self._swaps:
            function.__code__ = trampoline

    def remove(self) -> None:
        """Put the original code back."""
        for function, original, _ in self._swaps:
            function.__code__ = original

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.remove()


def original_of(function: FunctionType) -> FunctionType:
    """A second function object with the code that `function` has now."""
    twin = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    twin.__qualname__ = function.__qualname__
    return twin


def _trampoline(function: FunctionType, handler: Callable[..., Any]) -> CodeType:
    """Code with the parameters of `function` that calls `handler`; both are constants in it."""
    if function.__code__.co_freevars:
        raise ValueError(f"{function.__qualname__} is a closure and cannot be led elsewhere")
    parameters = inspect.signature(function).parameters.values()
    arguments = [f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name for p in parameters]
    signature = inspect.Signature([p.replace(default=p.empty, annotation=p.empty) for p in parameters])
    source = (
        f"def {function.__name__}{signature}: return {_HANDLER!r}({', '.join([repr(_ORIGINAL), *arguments])})"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # that a string is no function; it will be one
        module = compile(source, __file__, "exec", dont_inherit=True)
    code = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    replaced = {_HANDLER: handler, _ORIGINAL: original_of(function)}
    constants = tuple(replaced.get(c, c) if isinstance(c, str) else c for c in code.co_consts)
    return code.replace(co_consts=constants, co_qualname=function.__qualname__)
