"""What stages give: latents, pictures, or the reason why there are none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ...records.store import Pixels
from ...tiling import Tiling
from ...work.stages import Sample
from .. import compat
from ..models.memory import free_memory
from .sampler_run import SamplerRun

log = logging.getLogger("periplus")

T = TypeVar("T")

MAX_REASON = 300
"""Characters of an error text that a failed cell keeps."""


@dataclass(frozen=True)
class Failed:
    """Stands for the result of a stage that failed."""

    reason: str
    out_of_memory: bool = False


@dataclass(frozen=True)
class Sampled:
    """A LATENT, the seconds that it and what it was made from took, and how pictures went through a
    VAE for it."""

    latent: dict[str, Any]
    seconds: float
    tiling: Tiling | None = None


@dataclass(frozen=True)
class Decoded:
    """The pictures of a cell, the seconds that they took, and how they went through VAEs."""

    pictures: list[Pixels]
    seconds: float
    tiling: Tiling | None


PausedRun = SamplerRun[Sample, Sampled | Failed]
"""A run that waits for a refiner."""


class StageFailed(Exception):  # noqa: N818 - says what happened, is not raised to users
    """A stage cannot run, since one that it needs has failed."""


def attempt(what: str, work: Callable[[], T]) -> T | Failed:
    """Do the work as :func:`attempt_once` does; where memory runs out, once more with all of it.

    Args:
        what: begins the reason, as in "cannot decode".
        work: what to do; it must bear to be done twice.

    Raises:
        Interrupted: the user cancelled.
    """
    outcome = attempt_once(what, work)
    if isinstance(outcome, Failed) and outcome.out_of_memory:
        # Not where the error is handled: there it still holds what the attempt allocated.
        free_memory()
        outcome = attempt_once(what, work)
    return outcome


def attempt_once(what: str, work: Callable[[], T]) -> T | Failed:
    """Do the work; an error becomes a Failed with a reason that a sheet can print.

    Args:
        what: begins the reason, as in "cannot decode".

    Raises:
        Interrupted: the user cancelled.
    """
    try:
        return work()
    except compat.Interrupted:
        raise
    except StageFailed as failure:
        return Failed(str(failure))
    except Exception as error:
        log.exception("%s", what)
        if compat.is_out_of_memory(error):
            return Failed(f"{what}: out of memory", out_of_memory=True)
        return Failed(f"{what}: {error or type(error).__name__}"[:MAX_REASON])
