"""The one error that users see: what is wrong, where, and what would be right."""

from __future__ import annotations

MAX_SHOWN = 200
"""Characters of a prompt or another long text that an error shows."""


def shown(text: str) -> str:
    """A text as an error shows it: its beginning, where it is long."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


class PeriplusError(ValueError):
    """A mistake in what the user asked for, told in one sentence that names the way out.

    Its text is shown as it stands on the node, so it must say the axis or input, the value, its
    position where it has one, and the nearest valid spelling.
    """


class DamagedPictureError(PeriplusError):
    """The file of a picture holds something else than what was written."""


class ValuesError(PeriplusError):
    """One item of an axis's ``values`` text is wrong.

    Args:
        reason: what is wrong, as the end of a sentence ("is not a whole number").
        item: the item as it was typed; empty when the whole text is meant.
        position: the item's place in the list, counted from 1; None when the whole text is meant.
        hint: what would be right ("nearest: euler"); may be empty.
        axis: the axis's name; empty where it is not known yet, see :meth:`of_axis`.
    """

    def __init__(
        self,
        reason: str,
        *,
        item: str = "",
        position: int | None = None,
        hint: str = "",
        axis: str = "",
    ) -> None:
        self.reason = reason
        self.item = item
        self.position = position
        self.hint = hint
        where = f"item {position} '{shown(item)}' " if position is not None else ""
        named = f"{axis} axis: " if axis else ""
        super().__init__(f"{named}{where}{reason}{f'; {hint}' if hint else ''}")

    def of_axis(self, axis: str) -> ValuesError:
        """Give the same error, telling which axis it is about."""
        return ValuesError(
            self.reason, item=self.item, position=self.position, hint=self.hint, axis=axis
        )
