from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from scripts.paint import words, world
from scripts.paint.data import HANDS, draw_pictures
from scripts.paint.details import DETAILS
from scripts.paint.scene import draw
from scripts.paint.style import STYLES, glass
from scripts.paint.subjects import SUBJECTS
from scripts.paint.world import Scene, random_scene


def pixels(drawn: Scene, size: int = 64) -> np.ndarray:
    return np.asarray(draw(drawn, size, random.Random(0)), np.int16)


def test_every_word_of_the_world_can_be_drawn_and_said() -> None:
    assert {*words.SUBJECTS, words.TAUGHT} == set(SUBJECTS) == set(DETAILS)
    assert set(words.COLOURS) == set(world.PAINTS)
    assert set(words.WEATHERS) == set(world.WEATHERS)
    assert {*SUBJECTS, *words.COLOURS, *words.WEATHERS} <= set(words.TOKENS)


@pytest.mark.parametrize(("subject", "colour"), list(product(SUBJECTS, words.COLOURS)))
def test_a_subject_shows_its_colour(subject: str, colour: str) -> None:
    picture = pixels(Scene(subject, colour, "day"))
    distance = np.abs(picture - np.array(world.PAINTS[colour])).max(axis=2)
    assert (distance < 12).mean() > 0.04


def test_every_subject_and_weather_looks_different() -> None:
    ship = Scene("ship", "red", "day")
    others = [replace(ship, subject=subject) for subject in SUBJECTS if subject != "ship"]
    others += [replace(ship, weather=weather) for weather in words.WEATHERS[1:]]
    for other in others:
        assert np.abs(pixels(ship) - pixels(other)).mean() > 5


def test_a_scene_is_the_same_in_both_sizes() -> None:
    ship = Scene("ship", "red", "sunset")
    halved = pixels(ship, 128).reshape(64, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - pixels(ship)).mean() < 4


def test_pictures_follow_from_their_seed() -> None:
    first, same, other = (draw_pictures(8, 64, seed) for seed in (1, 1, 2))
    assert first.pixels.equal(same.pixels)
    assert not first.pixels.equal(other.pixels)
    assert first.pixels.shape == (8, 3, 64, 64)


def test_styles_show_the_same_scenes_differently() -> None:
    shown = [draw_pictures(4, 64, 1, [hand]).pixels.float() for hand in STYLES]
    shown.append(draw_pictures(4, 64, 1, ["coast"], style=glass).pixels.float())
    for style in shown[1:]:
        assert (style - shown[0]).abs().mean() > 10
    seen = [np.corrcoef(style[0].flatten(), shown[0][0].flatten())[0, 1] for style in shown]
    assert min(seen) > 0.3


def test_all_combinations_are_equally_frequent() -> None:
    assert len(set(draw_pictures(120, 16, 1).words)) == 120


def test_chance_keeps_the_words() -> None:
    drawn = random_scene("sun", "blue", "fog", random.Random(3))
    assert (drawn.subject, drawn.colour, drawn.weather) == ("sun", "blue", "fog")


def test_every_wording_is_known_and_names_its_words() -> None:
    rng = random.Random(4)
    for subject, colour, weather in product(words.SUBJECTS, words.COLOURS, words.WEATHERS):
        for _ in range(20):
            prompt = words.describe(subject, colour, weather, rng)
            tokens = words.tokenize(prompt)
            assert len(tokens) == words.LENGTH
            assert {words.TOKENS[word] for word in (subject, colour, weather)} <= set(tokens)


def test_an_unknown_word_has_no_token() -> None:
    with pytest.raises(KeyError):
        words.tokenize("a red zeppelin")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_details_change_a_scene_a_little(subject: str) -> None:
    drawn = Scene(subject, "red", "day")
    plain = pixels(drawn, 128)
    detailed = np.asarray(draw(drawn, 128, random.Random(0), detailed=True), np.int16)
    assert 0.005 < (np.abs(detailed - plain).max(axis=2) > 20).mean() < 0.2


def test_every_hand_draws_about_as_often() -> None:
    hands = draw_pictures(400, 16, 1).hands
    assert hands.bincount(minlength=len(HANDS)).min() > 60
