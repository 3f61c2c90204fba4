"""A place in the source."""

from __future__ import annotations

import attrs


@attrs.frozen(slots=True)
class Site:
    """A place in the source: the exact expression, not only its line.

    Attributes:
        file: The source file, relative to the working folder with forward slashes where it lies
            below it; ``<stdlib>/…`` or ``<packages>/…`` for code that is not the program's own.
        line: First line of the expression, counted from 1.
        column: First column, counted from 0, in UTF-8 bytes (as Python's compiler counts them).
        end_line: Last line of the expression.
        end_column: The column after its last byte.
        function: Qualified name of the function without ``<locals>``; ``<module>`` at module level.
    """

    file: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    function: str = "<module>"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
