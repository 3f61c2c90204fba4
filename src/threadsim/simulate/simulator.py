"""Execution after execution of one program."""

from __future__ import annotations

import gc
import random
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Hashable, Sequence
from types import TracebackType
from typing import Any, Self

from threadsim.instrument.importer import ScopedImporter
from threadsim.instrument.instrumenter import Instrumenter
from threadsim.instrument.scope import Scope
from threadsim.instrument.tracebacks import without_our_frames
from threadsim.model.errors import ThreadsimError, Unmanaged
from threadsim.model.event import Kind
from threadsim.model.trace import Outcome
from threadsim.simulate import stage
from threadsim.simulate.adoption import Adoption
from threadsim.simulate.attribute_hooks import forget_plans
from threadsim.simulate.carriers import Carriers
from threadsim.simulate.console import Console
from threadsim.simulate.execution import Execution
from threadsim.simulate.history import KernelHistory
from threadsim.simulate.hooks import HOOKS
from threadsim.simulate.identities import Identities, Naming
from threadsim.simulate.kernel import Kernel, Unwind
from threadsim.simulate.patches import Patches
from threadsim.simulate.program import Program
from threadsim.simulate.registry import Registry
from threadsim.simulate.stacks import NotesWithStacks
from threadsim.simulate.standard_input import standard_input
from threadsim.simulate.watchdog import LIMIT, Watchdog
from threadsim.strategy.base import Observer, Strategy
from threadsim.strategy.guided import Guided
from threadsim.strategy.steps import Step

MAX_STEPS = 1_000_000


class Simulator:
    """Executes a program, once or many times, while it is entered.

    What takes long (finding the code in scope, rewriting it, finding the names to patch) is done once.
    Between the executions the interpreter is as it was.

    Args:
        program: What to execute.
        include: Packages that are in scope besides the program's own tree.
        max_steps: Scheduling points after which an execution counts as a livelock.
        shown: Whether the program's output is shown, too.
        limit: Seconds without a scheduling point after which the watchdog ends an execution.
        naming: What was learnt from executions before, in another process.

    Attributes:
        naming: What has been learnt by now.

    Raises:
        ProgramError: The program or what is to be included cannot be found.
        ThreadsimError: Another execution is under way.
    """

    def __init__(
        self,
        program: Program,
        *,
        include: Sequence[str] = (),
        max_steps: int = MAX_STEPS,
        shown: bool = False,
        limit: float = LIMIT,
        naming: Naming | None = None,
    ) -> None:
        if stage.kernel is not None:
            raise ThreadsimError(
                "an execution is under way; a program under simulation cannot simulate another"
            )
        self._program = program
        self._include = tuple(include)
        self._max_steps = max_steps
        self._shown = shown
        scope = self._scope = Scope(program.roots, include)
        self._instrumenter = Instrumenter(scope, HOOKS)
        self._functions = self._instrumenter.functions()
        self._originals = [(function, function.__code__) for function, _ in self._functions]
        self._collects = True
        self.naming = Naming() if naming is None else naming
        self._single: dict[Hashable, Step] = {}
        self._random: Any = None
        self._carriers = Carriers()
        self._adoption = Adoption()
        self._patches = Patches(scope.__contains__, self._excepthook)
        self._importer = ScopedImporter(
            self._instrumenter, self._patches.lifted, afresh=program.imports_afresh
        )
        self._watchdog = Watchdog(limit)
        self._input = standard_input()
        self._console: Console | None = None

    def __enter__(self) -> Self:
        self._watchdog.__enter__()
        self._random = random.getstate()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        random.setstate(self._random)
        self._carriers.let_go()
        self._adoption.let_go()
        self._patches.let_go()
        self._watchdog.__exit__(kind, error, trace)

    def execute(self, strategy: Strategy, seed: int | None, *, stacks_at: Collection[int] = ()) -> Execution:
        """Run the program once.

        Args:
            strategy: Chooses at each scheduling point.
            seed: What the strategy was made from; the program's `random` is seeded with it too.
            stacks_at: The events of which the trace is to have the stacks, as `Execution.notes_of` gives
                them for an execution under the same schedule.

        Raises:
            Unmanaged: A thread did something, or blocked in something, that is not managed.
        """
        compared = isinstance(strategy, Observer) and strategy.compares
        identities = Identities(self.naming, lambda: kernel.current.number, compared=compared)
        registry = Registry(self._instrumenter.views, identities)
        kernel = Kernel(strategy, self._max_steps, registry, self._carriers)
        if stacks_at:
            kernel.notes = NotesWithStacks(stacks_at)
        history = KernelHistory(kernel, self._single)
        if isinstance(strategy, Observer):
            strategy.observe(history)
        console = self._console = Console(kernel, self._shown, self._input)
        if isinstance(strategy, Guided):
            strategy.happened = lambda start: [note[:2] for note in kernel.notes[start:]]
        main = _Main(kernel, console, prints_traceback=self._program.prints_traceback)
        with self._program.scene(self._instrumenter) as main.program:
            self._install(kernel, console)
            random.seed(seed or 0)
            stage.kernel = kernel
            try:
                kernel.run(main)
            finally:
                stage.kernel = stage.watching = None
                self._remove(console)
        kernel.let_go()
        self._console = None
        if kernel.outcome is Outcome.INTERRUPTED and isinstance(kernel.error, Unmanaged):
            raise kernel.error
        return self._execution(kernel, console, main, strategy, seed, history)

    def _execution(
        self,
        kernel: Kernel,
        console: Console,
        main: _Main,
        strategy: Strategy,
        seed: int | None,
        history: KernelHistory,
    ) -> Execution:
        error = kernel.uncaught[0][1] if kernel.uncaught else kernel.error
        if error is not None:
            without_our_frames(error)
        matched = None
        if isinstance(strategy, Guided):
            strategy.catch_up()
            matched = strategy.matched, strategy.total
        return Execution(
            outcome=kernel.outcome or Outcome.PASSED,
            error=error,
            output=console.output.text,
            errors=console.errors.text,
            result=main.result,
            seed=seed,
            strategy=strategy.name,
            program=self._program,
            kernel=kernel,
            scope=self._scope,
            include=self._include,
            matched=matched,
            history=history,
        )

    def _install(self, kernel: Kernel, console: Console) -> None:
        """Set the scene for an execution.

        Garbage is collected between executions: when must not depend on what ran before.
        """
        self._collects = gc.isenabled()
        gc.disable()
        for function, code in self._functions:
            function.__code__ = code
        self._importer.install()
        console.install()
        self._adoption.install(kernel)
        self._patches.install()

    def _remove(self, console: Console) -> None:
        """Clear it, in the opposite order."""
        self._patches.remove()
        self._adoption.remove()
        console.remove()
        self._importer.remove()
        for function, code in self._originals:
            function.__code__ = code
        forget_plans()
        if self._collects:
            gc.enable()

    def _excepthook(self, args: Any) -> None:
        """``threading.excepthook``: what the real one prints is no operation of the program's."""
        if self._console is None or args.exc_type is SystemExit:
            return
        without_our_frames(args.exc_value)
        shown = threading.ExceptHookArgs(
            (args.exc_type, args.exc_value, args.exc_value.__traceback__, args.thread)
        )
        with self._console.unnoted():
            threading.__excepthook__(shown)


class _Main:
    """What the main thread does: the program, and then what CPython does at its end."""

    def __init__(self, kernel: Kernel, console: Console, *, prints_traceback: bool) -> None:
        self._kernel = kernel
        self._console = console
        self._prints_traceback = prints_traceback
        self.program: Callable[[], Any] = lambda: None
        self.result: Any = None

    def __call__(self) -> None:
        self._introduce()
        try:
            self.result = self.program()
        except Unwind:
            raise
        except SystemExit as error:
            self._exit(error)
        except BaseException as error:
            self._fail(error)
        self._wait_for_threads()

    def _introduce(self) -> None:
        """Make the main thread known to `threading`."""
        current = self._kernel.current
        current.inside += 1
        main = threading._MainThread()  # type: ignore[attr-defined]
        vars(threading)["_main_thread"] = main
        self._kernel.is_of(current, main)
        current.inside -= 1

    def _exit(self, error: SystemExit) -> None:
        self.result = error.code
        if error.code is None or error.code == 0:
            return
        if not isinstance(error.code, int):
            with self._console.unnoted():
                print(error.code, file=sys.stderr)
        self._kernel.uncaught_here(error)

    def _fail(self, error: BaseException) -> None:
        self._kernel.uncaught_here(error)
        if not self._prints_traceback:
            return
        without_our_frames(error)
        with self._console.unnoted():
            traceback.print_exception(error, file=sys.stderr)

    def _wait_for_threads(self) -> None:
        """Threads that are no daemons are waited for; what they wait for is still the program's."""
        kernel = self._kernel
        kernel.announce(Kind.JOIN, None, None)
        kernel.current.inside += 1
        threading._shutdown()  # type: ignore[attr-defined]
