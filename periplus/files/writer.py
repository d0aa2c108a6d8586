"""Writing beside the work: jobs on a thread of their own, and how much may wait there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

LIMIT = 2**26
"""Bytes of pictures that may wait: 21 pictures of 1024 x 1024 pixels."""

PATIENCE = 60.0
"""Seconds that the end of a sweep waits for a disk that does not answer."""


class Writer:
    """Does jobs one at a time and in their order, on a thread of its own, while the caller goes on.

    All jobs are done, also after one that has failed: what they write was dearly made.

    Args:
        limit: bytes that may wait. More make the caller wait, so a slow disk fills no memory.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._waiting = 0
        self._jobs = deque[tuple[int, Future[None]]]()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="periplus writes")

    def put(self, size: int, job: Callable[[], None]) -> None:
        """Have a job done soon.

        Args:
            size: bytes that the job holds until it is done.
            job: what to do.

        Raises:
            Exception: what an earlier job has raised; this one is done all the same.
        """
        self._jobs.append((size, self._thread.submit(job)))
        self._waiting += size
        while self._jobs and (self._jobs[0][1].done() or self._is_full()):
            self._take()

    def drain(self) -> None:
        """Wait until all is done.

        Raises:
            Exception: what a job has raised.
        """
        while self._jobs:
            self._take()

    def end(self, patience: float = PATIENCE) -> None:
        """Let go of the thread when all is done; what has failed is not told any more.

        Args:
            patience: seconds after which what has not begun is dropped.
        """
        wait([job for _, job in self._jobs], patience)
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _is_full(self) -> bool:
        # One job alone may be larger than all that may wait.
        return len(self._jobs) > 1 and self._waiting > self._limit

    def _take(self) -> None:
        """Wait for the oldest job."""
        size, job = self._jobs.popleft()
        self._waiting -= size
        job.result()
