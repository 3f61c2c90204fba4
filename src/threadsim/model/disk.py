"""Files that are written whole or not at all, and read as far as they were written."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path

_GZIP = 16 + zlib.MAX_WBITS  # zlib's way to say: with gzip's header and checksum


def write_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that nobody ever sees half of it, and a failure leaves what was there before.

    What is no regular file (``/dev/stdout``, a pipe) cannot be replaced, and is written to.

    Raises:
        OSError: It cannot be written.
    """
    given = Path(path)
    if given.exists() and not given.is_file():
        given.write_bytes(data)
        return
    place = Path(os.path.realpath(given))  # through a symbolic link, not over it
    beside = place.with_name(f".{place.name[:100]}.{os.urandom(4).hex()}.tmp")
    try:
        with open(beside, "xb") as file:
            file.write(data)
        os.replace(beside, place)
    except BaseException:  # Ctrl-C too leaves nothing behind
        beside.unlink(missing_ok=True)
        raise


def compress(data: bytes) -> bytes:
    """A gzip file without name and time in it, so that the same data gives the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def decompress(data: bytes) -> bytes:
    """What a gzip file holds; of one that was cut off, all that can still be read.

    Raises:
        ValueError: It is no gzip file, or damaged.
    """
    whole = bytearray()
    while data:
        member = zlib.decompressobj(_GZIP)
        try:
            whole += member.decompress(data)
        except zlib.error as error:
            raise ValueError(f"not a whole gzip file: {error}") from None
        data = member.unused_data
    return bytes(whole)
