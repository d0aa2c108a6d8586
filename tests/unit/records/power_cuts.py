"""A model of a disk that loses power: what was flushed is there, all else may be or not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

File = int
"""Stands for a file or folder, whatever its name; the file system uses inodes again."""

Names = Mapping[str, File]

SPOILS: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: data,
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: bytes(len(data)),
    lambda data: bytes(byte ^ 0x5A for byte in data),
)
"""What becomes of content that was not flushed: kept, absent, truncated, zeros, garbage."""


Content = tuple[str, "bytes | None", int]
"""A path below the disk's root, what the file holds (None for a folder), and its time."""


@dataclass(frozen=True)
class Survivor:
    """What is on the disk after a power cut."""

    contents: frozenset[Content]

    def restore(self, root: Path) -> None:
        """Put it into a folder; files have the times that they had, which hides damage best."""
        root.mkdir()
        for name, data, time in sorted(self.contents):
            path = root / name
            if data is None:
                path.mkdir()
            else:
                path.write_bytes(data)
                os.utime(path, ns=(time, time))


@dataclass(frozen=True)
class Moment:
    """What a disk holds between two operations, and what of it would survive."""

    done: int
    """How many jobs were done by then."""
    data: Mapping[File, bytes]
    times: Mapping[File, int]
    names: Mapping[str, Names]
    """By folder, relative to the disk's root."""
    flushed_data: Mapping[File, bytes]
    flushed_names: Mapping[str, Names]

    def survivors(self) -> Iterator[Survivor]:
        """All that may be on the disk after a cut at this moment."""
        unsure = [(f, n) for f, names in self.names.items() for n in self._unsure(f, names)]
        choices = [frozenset[tuple[str, str]](), frozenset(unsure)]
        choices += [frozenset([name]) for name in unsure]
        choices += [frozenset(unsure) - {name} for name in unsure]
        for kept in dict.fromkeys(choices):
            names = {folder: self._names_in(folder, kept) for folder in self.names}
            for spoil in SPOILS:
                yield Survivor(frozenset(self._contents("", names, spoil)))

    def _contents(
        self, folder: str, names: Mapping[str, Names], spoil: Callable[[bytes], bytes]
    ) -> Iterator[Content]:
        for name, file in names.get(folder, {}).items():
            path = f"{folder}/{name}".lstrip("/")
            if file in self.data:
                data = self.data[file]
                kept = data if self.flushed_data.get(file) == data else spoil(data)
                yield path, kept, self.times[file]
            else:
                yield path, None, 0
                yield from self._contents(path, names, spoil)

    def _unsure(self, folder: str, names: Names) -> set[str]:
        flushed = self.flushed_names.get(folder, {})
        return {n for n in names.keys() | flushed.keys() if names.get(n) != flushed.get(n)}

    def _names_in(self, folder: str, kept: frozenset[tuple[str, str]]) -> Names:
        now, flushed = self.names[folder], self.flushed_names.get(folder, {})
        every = sorted(now.keys() | flushed.keys())
        chosen = {n: (now if (folder, n) in kept else flushed).get(n) for n in every}
        return {name: file for name, file in chosen.items() if file is not None}


class RecordedDisk:
    """Records what happens in a folder, operation by operation.

    Args:
        root: the folder; what it holds when the recording begins is on the disk.
    """

    def __init__(self, root: Path) -> None:
        self.moments: list[Moment] = []
        self._root = root
        self._done = 0
        self._next = 0
        self._inodes: dict[int, File] = {}
        self._data: dict[File, bytes] = {}
        self._times: dict[File, int] = {}
        self._names: dict[str, Names] = {}
        self._flushed_data: dict[File, bytes] = {}
        self._flushed_names: dict[str, Names] = {}

    @contextmanager
    def recording(self, ignored: Callable[[Path], bool] = lambda _: False) -> Iterator[None]:
        """Record all that is done in the block.

        Args:
            ignored: files and folders of which the disk ignores that they are flushed.
        """

        def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
            def operation(*args: Any, **kwargs: Any) -> Any:
                self._look()
                result = original(*args, **kwargs)
                self._look()
                return result

            return operation

        def fsync(handle: int) -> None:
            self._look()
            path = self._path_of(handle)
            if not ignored(path):
                self._flush(path)
            self._look()

        self._look()
        self._flushed_data, self._flushed_names = dict(self._data), dict(self._names)
        with (
            patch.object(Path, "replace", recorded(Path.replace)),
            patch.object(Path, "mkdir", recorded(Path.mkdir)),
            patch.object(Path, "unlink", recorded(Path.unlink)),
            patch.object(os, "fsync", fsync),
        ):
            yield

    def job_done(self) -> None:
        """A job is announced as done: from now on it must survive."""
        self._done += 1
        self._look()

    def _look(self) -> None:
        paths = [self._root, *sorted(self._root.rglob("*"))]
        inodes = {path: path.stat().st_ino for path in paths}
        known, self._inodes = self._inodes, {}
        for inode in inodes.values():
            self._next += 1
            self._inodes[inode] = known.get(inode, self._next)
        files = {path: self._inodes[inode] for path, inode in inodes.items()}
        self._names = {
            self._relative(folder): {p.name: f for p, f in files.items() if p.parent == folder}
            for folder in paths
            if folder.is_dir()
        }
        for path, file in files.items():
            if path.is_file():
                self._data[file] = path.read_bytes()
                self._times[file] = path.stat().st_mtime_ns
        moment = Moment(
            self._done,
            dict(self._data),
            dict(self._times),
            dict(self._names),
            dict(self._flushed_data),
            dict(self._flushed_names),
        )
        if moment not in self.moments[-1:]:
            self.moments.append(moment)

    def _flush(self, path: Path) -> None:
        if path.is_dir():
            folder = self._relative(path)
            self._flushed_names[folder] = self._names[folder]
        else:
            file = self._inodes[path.stat().st_ino]
            self._flushed_data[file] = self._data[file]

    def _path_of(self, handle: int) -> Path:
        paths = (self._root, *self._root.rglob("*"))
        return next(p for p in paths if os.path.samestat(p.stat(), os.fstat(handle)))

    def _relative(self, folder: Path) -> str:
        relative = folder.relative_to(self._root).as_posix()
        return "" if relative == "." else relative
