"""How much memory the largest sheets take: drawn in a process of their own, which is measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from periplus.sheets.formats import PNG, PYRAMID
from periplus.sheets.sheet import AxisLabels, Sheet, SheetCell

ROOT = Path(__file__).parents[3]
MIB = 2**20

MEASURE = """
import re, sys
from pathlib import Path
from periplus.sheets.compose import draw
from periplus.sheets.layout import lay_out
from periplus.sheets.sheet import Style
from periplus.sheets.sheet_files import SheetFiles
from tests.unit.sheets.test_compose_memory import sheet_of_one_picture

file, count, side = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
(page,) = lay_out(sheet_of_one_picture(file, count, side), Style())
files = SheetFiles(iter([file.with_name("sheet")]), sys.argv[4], 90, {}, 1)
with files.open((page.width, page.height)) as writer:
    for lines in draw(page, Style()):
        writer.write(lines)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(page.width, page.height, int(peak[1]) * 1024)
"""


def sheet_of_one_picture(file: Path, count: int, side: int) -> Sheet:
    """As many columns as rows, every cell the same square file."""
    cell = SheetCell((file,), ((side, side),), "done")
    labels = tuple(map(str, range(count)))
    cells = {(x, y, 0): cell for x in range(count) for y in range(count)}
    return Sheet(AxisLabels("cfg", labels), AxisLabels("steps", labels), cells=cells)


@pytest.mark.parametrize(
    ("file_format", "count", "side", "most"),
    [
        (PNG, 100, 64, 300 * MIB),
        (PNG, 30, 1000, 600 * MIB),
        (PYRAMID, 100, 64, 300 * MIB),
    ],
)
def test_memory_is_bounded(
    tmp_path: Path, file_format: str, count: int, side: int, most: int
) -> None:
    # Not the resource module's peak: on Linux that begins with what the parent process had.
    status = Path("/proc/self/status")
    if not status.exists() or "VmHWM" not in status.read_text():
        pytest.skip("only Linux tells the peak of a process")
    file = tmp_path / "cell.png"
    Image.radial_gradient("L").resize((side, side)).convert("RGB").save(file)
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file), str(count), str(side), file_format],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    width, height, peak = map(int, run.stdout.split())
    assert min(width, height) >= count * side
    assert peak < most, f"{count * count:,} cells, {width} x {height} px: {peak / MIB:.0f} MiB"
