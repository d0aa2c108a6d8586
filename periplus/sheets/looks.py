"""How a sheet is wanted: what the inputs of a Grid Compose node say, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..axes.names import check_name
from ..errors import PeriplusError
from .fit import DEFAULT_MEGAPIXELS, SMALLER, TOO_LARGE
from .formats import DEFAULT_QUALITY, FORMATS, PNG, PYRAMID
from .sheet import ORDERS, Style

STYLE = Style()


def check_pyramid(file_format: str | None, filename_prefix: str | None) -> None:
    """Refuse a pyramid without a name; None stands for what is linked and not known yet.

    Raises:
        PeriplusError: it has none.
    """
    if file_format == PYRAMID and filename_prefix == "":
        raise PeriplusError(
            "format 'pyramid' is a folder of many files, which is always saved; write in "
            "filename_prefix how its name begins, such as sheets/ships"
        )


@dataclass(frozen=True)
class Looks:
    """How a sheet is drawn and saved.

    Attributes:
        title: printed on top; may be empty.
        order: which axis becomes x, y and z, see :func:`periplus.sheets.sheet.transpose`.
        style: the looks.
        megapixels: the most that a page may have.
        too_large: what becomes of a larger one, see :func:`periplus.sheets.fit.fit`.
        file_format: of the files, one of ``formats.FORMATS``.
        quality: of the files, 1 to 100, see ``formats.LOSSLESS``.
        filename_prefix: how the files begin in ComfyUI's output folder; empty for files that are
            only shown.

    Raises:
        PeriplusError: a choice is unknown, or a pyramid has no name.
    """

    title: str = ""
    order: str = ORDERS[0]
    style: Style = STYLE
    megapixels: int = DEFAULT_MEGAPIXELS
    too_large: str = SMALLER
    file_format: str = PNG
    quality: int = DEFAULT_QUALITY
    filename_prefix: str = ""

    def __post_init__(self) -> None:
        check_name(self.order, ORDERS, what="transpose")
        check_name(self.too_large, TOO_LARGE, what="too_large")
        check_name(self.file_format, FORMATS, what="format")
        check_pyramid(self.file_format, self.filename_prefix)


LOOKS = Looks()


def read_looks(inputs: Mapping[str, Any]) -> Looks:
    """Read the inputs of a Grid Compose node, by name; one that is left out has its default.

    Raises:
        PeriplusError: a choice or a colour is unknown, or a pyramid has no name.
        OverflowError, TypeError, ValueError: a value is of another kind, which ComfyUI refuses.
    """
    style = {name: inputs[name] for name in vars(STYLE) if name in inputs}
    style["legend"] = bool(inputs.get("legend", STYLE.legend))
    return Looks(
        title=str(inputs.get("title", LOOKS.title)),
        order=inputs.get("transpose", LOOKS.order),
        style=Style(**style),
        megapixels=int(inputs.get("max_megapixels", LOOKS.megapixels)),
        too_large=inputs.get("too_large", LOOKS.too_large),
        file_format=inputs.get("format", LOOKS.file_format),
        quality=int(inputs.get("quality", LOOKS.quality)),
        filename_prefix=inputs.get("filename_prefix", LOOKS.filename_prefix),
    )


def accepted_looks(inputs: Mapping[str, Any]) -> Looks | None:
    """:func:`read_looks` of any inputs; None where one is wrong, so that ComfyUI refuses the node.

    The other nodes of its prompt run all the same.
    """
    try:
        return read_looks(inputs)
    except (AttributeError, OverflowError, TypeError, ValueError):
        return None
