"""A folder that cannot be written: noticed before the work, and told with the way out."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import PeriplusError

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
PROBE = b"\0" * 4096
"""Written to see whether writing works: a block, since a full disk may still take a file's name."""


class UnwritableError(PeriplusError):
    """A folder cannot be written; the text says which, why, and what to do.

    Args:
        folder: the folder.
        error: what writing has raised.
    """

    def __init__(self, folder: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            advice = "make room on the disk"
        else:
            advice = (
                "make the folder writable, type another name, or start ComfyUI with another "
                "--output-directory"
            )
        super().__init__(
            f"cannot write to {folder}: {reason}. What is finished is kept; {advice}, then queue "
            "again to make the rest"
        )


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Do what writes to a folder.

    Raises:
        UnwritableError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise UnwritableError(folder, error) from error


def check_writable(folder: Path) -> None:
    """Make a folder, and see that a file can be written in it; none is left there.

    Raises:
        UnwritableError: it cannot.
    """
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(PROBE)
            file.flush()
