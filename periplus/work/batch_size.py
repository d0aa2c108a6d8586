"""How many pictures take part in one pass of the denoiser: as chosen, or as measured."""

from __future__ import annotations

from collections.abc import Callable

OFF, AUTO, ALONE = "off", "auto", "1"
MAX_BATCH = 64
BATCHING = (OFF, AUTO, *map(str, range(2, MAX_BATCH + 1)))
"""The choices of a sweep node."""

EXACT, FAST = "exact", "fast"
"""How a cell was made: alone, bit for bit as KSampler does; or in step, equal but for rounding."""

AUTO_MAX = 16
"""Beyond this, measurements on GPUs show no further gain."""
WORTHWHILE = 0.95
"""A larger batch must cost at most this share of the smaller one's time for each picture."""
PASSES = 2
"""Measured passes of one size; the least counts, since other work disturbs."""


class BatchSize:
    """The largest number of pictures in one pass.

    Args:
        choice: one of BATCHING but OFF.
        fits: whether so many pictures fit into free memory; asked before the batch grows.
    """

    def __init__(self, choice: str, fits: Callable[[int], bool]) -> None:
        self.measures = choice == AUTO
        """Whether times are still wanted, see :meth:`measured`."""
        self.limit = 1
        self._fits = fits
        wanted = 1 if self.measures else int(choice)
        while self.limit < wanted and fits(min(2 * self.limit, wanted)):
            self.limit = min(2 * self.limit, wanted)
        self._seconds: dict[int, list[float]] = {}

    def measured(self, count: int, seconds: float) -> None:
        """Take note of the time of a pass; an automatic size then grows while that pays.

        Args:
            count: pictures in the pass.
            seconds: what it took.
        """
        if not self.measures or count != self.limit:
            return
        times = self._seconds.setdefault(count, [])
        times.append(seconds / count)
        # The first pass of a size also pays for choosing and compiling its kernels.
        if len(times) <= PASSES:
            return
        before = self._seconds.get(count // 2)
        if before and min(times[1:]) > WORTHWHILE * min(before[1:]):
            self.limit, self.measures = count // 2, False
        elif count < AUTO_MAX and self._fits(2 * count):
            self.limit = 2 * count
        else:
            self.measures = False

    def failed(self, count: int) -> bool:
        """Halve the size after so many pictures ran out of memory.

        Returns:
            Whether trying again with fewer makes sense.
        """
        self.limit, self.measures = max(1, count // 2), False
        return count > 1
