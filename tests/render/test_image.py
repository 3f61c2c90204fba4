import graphviz
import pytest

from support.traces import trace_of
from threadsim.model.errors import ThreadsimError
from threadsim.render import FORMATS, Window, render

TRACE = trace_of("T0 acquire lock\nT0 release lock")


def has_dot() -> bool:
    try:
        graphviz.version()
    except graphviz.ExecutableNotFound:
        return False
    return True


needs_dot = pytest.mark.skipif(not has_dot(), reason="Graphviz' program dot is not installed")


@needs_dot
@pytest.mark.parametrize(("format", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_dot_makes_an_image(format: str, magic: bytes) -> None:
    image = render(TRACE, format)
    assert isinstance(image, bytes)
    assert image.startswith(magic)


@pytest.mark.parametrize("format", ["png", "pdf"])
def test_without_dot_one_line_says_what_to_install(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        ThreadsimError, match=rf"^{format} needs Graphviz' program `dot`.*apt install.*brew"
    ) as error:
        render(TRACE, format)
    assert "\n" not in str(error.value)
    assert "--format svg needs nothing" in str(error.value)


@pytest.mark.parametrize("format", ["text", "dot", "svg"])
def test_these_need_no_program(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    shown = render(TRACE, format)
    assert isinstance(shown, str)
    assert "acquire lock" in shown


def test_an_unknown_format_lists_those_that_there_are() -> None:
    with pytest.raises(
        ThreadsimError, match="there is no format 'gif'; the formats are text, dot, svg, png, pdf"
    ):
        render(TRACE, "gif")


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("png", "pdf")])
def test_every_format_refuses_an_unknown_thread(format: str) -> None:
    with pytest.raises(ThreadsimError, match="no thread is called 'nobody'"):
        render(TRACE, format, window=Window(threads=("nobody",)))
