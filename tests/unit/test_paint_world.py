from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from scripts.paint import scene, words
from scripts.paint.data import draw_pictures
from scripts.paint.scene import Scene, draw, random_scene
from scripts.paint.style import STYLES


def pixels(drawn: Scene, size: int = 64) -> np.ndarray:
    return np.asarray(draw(drawn, size, random.Random(0)), np.int16)


def test_every_word_of_the_world_can_be_drawn_and_said() -> None:
    assert set(words.SUBJECTS) == set(scene.SUBJECTS)
    assert set(words.COLOURS) == set(scene.PAINTS)
    assert set(words.WEATHERS) == set(scene.WEATHERS)
    assert {*words.SUBJECTS, *words.COLOURS, *words.WEATHERS} <= set(words.TOKENS)


@pytest.mark.parametrize(("subject", "colour"), list(product(words.SUBJECTS, words.COLOURS)))
def test_a_subject_shows_its_colour(subject: str, colour: str) -> None:
    picture = pixels(Scene(subject, colour, "day"))
    distance = np.abs(picture - np.array(scene.PAINTS[colour])).max(axis=2)
    assert (distance < 12).mean() > 0.04


def test_every_subject_and_weather_looks_different() -> None:
    ship = Scene("ship", "red", "day")
    others = [replace(ship, subject=subject) for subject in words.SUBJECTS[1:]]
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
    shown = [draw_pictures(4, 64, 1, style).pixels.float() for style in STYLES.values()]
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
