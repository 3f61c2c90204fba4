"""The functions of `random`, which share one generator: who draws first matters to whoever draws next.

An execution's generator begins with its seed. To draw is no scheduling point; that it touches the generator
is noted, so that a search does not take two draws by two threads for steps that commute. A thread that is not
simulated has another generator meanwhile, or its draws would change what the program's threads get.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

from threadsim.simulate import stage
from threadsim.simulate.journal import RANDOM
from threadsim.simulate.stage import here
from threadsim.strategy.steps import Mode

_OTHERS = random.Random()
"""For whoever is not simulated, while an execution is under way."""


def twins() -> Iterator[tuple[Any, Callable[..., Any]]]:
    """The functions that draw, each with what stands for it during an execution."""
    shared = random._inst
    for value in vars(random).values():
        if getattr(value, "__self__", None) is shared:
            yield value, _noted(value)


def _noted(original: Callable[..., Any]) -> Callable[..., Any]:
    others = getattr(_OTHERS, original.__name__)

    @functools.wraps(original)
    def draw(*arguments: Any, **keywords: Any) -> Any:
        kernel = here()
        if kernel is not None:
            kernel.touch(RANDOM, Mode.WRITE)
        elif stage.kernel is not None:
            return others(*arguments, **keywords)
        return original(*arguments, **keywords)

    return draw
