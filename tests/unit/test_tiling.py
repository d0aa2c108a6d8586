"""Tiles: chosen where the whole picture does not fit, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.recipe import HiresRecipe, Recipe
from periplus.tiling import AUTO, OFF, ON, VAE_TILING, Tiling, choose, joined, tiling_notes
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import Enlarge, Sample

NEEDS = {0: 1000, 512: 300, 256: 75}
BASE = Recipe("a cat", "", 1, 20, 7.0, "euler", "normal")


def chosen(setting: str, memory: int, limit: int | None = None) -> Tiling:
    return choose(setting, NEEDS.__getitem__, memory, memory if limit is None else limit)


# Which way


@pytest.mark.parametrize(
    ("memory", "side"), [(1001, 0), (1000, 0), (999, 512), (300, 512), (299, 256), (0, 256)]
)
def test_auto_takes_the_largest_tiles_that_fit_and_the_smallest_in_the_end(
    memory: int, side: int
) -> None:
    assert chosen(AUTO, memory).side == side


@pytest.mark.parametrize(("memory", "side"), [(10_000, 512), (300, 512), (299, 256), (0, 256)])
def test_on_never_takes_the_whole_picture(memory: int, side: int) -> None:
    assert chosen(ON, memory).side == side


@pytest.mark.parametrize("memory", [10_000, 0])
def test_off_takes_the_whole_picture_whatever_it_needs(memory: int) -> None:
    assert chosen(OFF, memory) == Tiling()


@pytest.mark.parametrize(("limit", "side"), [(2000, 0), (999, 512), (299, 256), (74, 256)])
def test_what_ran_out_of_memory_before_is_not_tried_again(limit: int, side: int) -> None:
    tiling = chosen(AUTO, 2000, limit)
    assert tiling.side == side
    assert tiling.suits(2000), "the estimate said that the whole picture fits, and was wrong"
    assert tiling.suits(2001) == (side == 0), "with more memory the whole picture is tried again"


def test_only_the_last_resort_needs_nothing() -> None:
    assert [bool(chosen(AUTO, memory).least) for memory in (1000, 300, 75, 0)] == [1, 1, 0, 0]


@given(st.sampled_from(VAE_TILING), st.integers(0, 2000), st.integers(0, 2000))
def test_a_way_suits_exactly_the_memories_with_which_it_is_chosen(
    setting: str, memory: int, other: int
) -> None:
    here, elsewhere = chosen(setting, memory), chosen(setting, other)
    assert here.suits(memory)
    assert here.suits(other) == (here.side == elsewhere.side)


# Several passes of one picture


def test_passes_are_joined_to_the_smallest_tiles_and_the_memory_that_suits_all() -> None:
    passes = [None, Tiling(0, 400), Tiling(512, 100, 900), Tiling(256, 0, 800)]
    assert joined(passes) == Tiling(256, 400, 800)
    assert joined([Tiling(0, 4), Tiling(0, 9)]) == Tiling(0, 9)
    assert joined([None, None]) is None


# What is told


def test_tiled_cells_are_counted_with_the_reason_where_there_is_one() -> None:
    does_not_fit, asked = Tiling(512, 300, 1000), Tiling(512)
    assert tiling_notes([does_not_fit, None, Tiling(), does_not_fit]) == [
        "2 of 4 cells decoded in tiles of 512 px: the picture does not fit"
    ]
    assert tiling_notes([asked]) == ["1 of 1 cells decoded in tiles of 512 px"]
    assert tiling_notes([Tiling(), None]) == []


# The stages


def test_decodes_and_pixel_upscalers_carry_the_setting_and_latent_ones_do_not() -> None:
    def enlarge(upscaler: str) -> Enlarge:
        recipe = Recipe(**{**vars(BASE), "hires": HiresRecipe(upscaler), "vae_tiling": ON})
        decode = decode_stage(recipe, Links())
        assert decode.tiling == ON
        assert isinstance(decode.latent, Sample)
        assert isinstance(decode.latent.start, Enlarge)
        return decode.latent.start

    assert enlarge("pixels: lanczos").tiling == ON
    assert enlarge("latent: bilinear").tiling == AUTO, "it needs no VAE: equal work for all"
