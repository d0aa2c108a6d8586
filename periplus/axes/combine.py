"""Two axes made one: joined one after another, zipped in pairs, or crossed with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..errors import PeriplusError
from .axis import SEPARATOR, Axis, Group, Point
from .names import check_name
from .values import MAX_VALUES


def combine(a: Axis, b: Axis, mode: str) -> Axis:
    """Make one axis of two, which may be combined ones themselves.

    Args:
        a: the first; the outer one of a cross.
        b: the second.
        mode: one of MODES: ``join`` (all points of a, then all of b), ``zip`` (the first of a with
            the first of b, and so on; a single point goes with every point of the other) or
            ``cross`` (every point of a with every point of b, in groups of one point of a).

    Raises:
        PeriplusError: the mode is unknown, both axes of a zip or cross set one field, the axes of
            a zip differ in length, or the result has more than MAX_VALUES points.
    """
    check_name(mode, MODES, what="mode")
    return _MODES[mode](a, b)


def _join(a: Axis, b: Axis) -> Axis:
    _refuse_too_long(len(a.points) + len(b.points))
    names = tuple(dict.fromkeys((*(a.joined or (a.name,)), *(b.joined or (b.name,)))))
    notes = _notes(a, b)
    if len(names) == 1:
        return Axis(a.name, _bare(a) + _bare(b), inherited_notes=notes)
    points = _named(a) + _named(b)
    return Axis(" + ".join(names), points, joined=names, inherited_notes=notes)


def _zip(a: Axis, b: Axis) -> Axis:
    _refuse_shared_fields(a, b)
    lengths = len(a.points), len(b.points)
    if 1 not in lengths and lengths[0] != lengths[1]:
        raise PeriplusError(
            f"zip pairs the values of a and b, but a ({a.name}) has {lengths[0]} and b ({b.name}) "
            f"has {lengths[1]}: make them equally many, or one of them a single value, which then "
            "goes with all of the other"
        )
    count = max(lengths)
    firsts = a.points * (count // lengths[0])
    seconds = b.points * (count // lengths[1])
    points = tuple(map(_both, firsts, seconds))
    return Axis(_name(a, b), points, inherited_notes=_notes(a, b))


def _cross(a: Axis, b: Axis) -> Axis:
    _refuse_shared_fields(a, b)
    _refuse_too_long(len(a.points) * len(b.points))
    points = tuple(_both(outer, inner) for outer in a.points for inner in b.points)
    groups = tuple(Group(outer.label, len(b.points)) for outer in a.points)
    return Axis(_name(a, b), points, groups, inherited_notes=_notes(a, b))


_MODES: Mapping[str, Callable[[Axis, Axis], Axis]] = {"join": _join, "zip": _zip, "cross": _cross}

MODES = tuple(_MODES)
"""The ways to combine two axes."""


def _both(a: Point, b: Point) -> Point:
    return Point(f"{a.label}{SEPARATOR}{b.label}", a.overrides + b.overrides)


def _bare(axis: Axis) -> tuple[Point, ...]:
    """The points without their notes, which the combined axis inherits."""
    return tuple(Point(point.label, point.overrides) for point in axis.points)


def _named(axis: Axis) -> tuple[Point, ...]:
    """The points, each telling which axis it is of, as "cfg 5"."""
    if axis.joined:
        return _bare(axis)
    return tuple(Point(f"{axis.name} {point.label}", point.overrides) for point in axis.points)


def _name(a: Axis, b: Axis) -> str:
    return f"{a.name}{SEPARATOR}{b.name}"


def _notes(a: Axis, b: Axis) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.notes + b.notes))


def _refuse_shared_fields(a: Axis, b: Axis) -> None:
    shared = sorted(a.fields & b.fields)
    if shared:
        raise PeriplusError(
            f"a ({a.name}) and b ({b.name}) both set {' and '.join(shared)}, so b would overrule "
            "a; join puts their values one after another"
        )


def _refuse_too_long(count: int) -> None:
    if count > MAX_VALUES:
        raise PeriplusError(
            f"a and b together make {count:,} values, more than the {MAX_VALUES:,} that one axis "
            "may have; shorten one of them"
        )
