"""What holds for the plan of any set of recipes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.work.load_order import Place
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import LINKED, Decode, EncodePixels, Enlarge, Sample, Stage, stages_before

from .plans import loads, plan_of, stages_of

refiner_recipes = st.builds(
    RefinerRecipe,
    ckpt_name=st.sampled_from(["", "r1", "r2", "c1"]),
    switch_at=st.sampled_from([0.0, 0.5, 0.6, 1.0]),
    positive=st.sampled_from(["", "fur"]),
)
hires_recipes = st.builds(
    HiresRecipe,
    upscaler=st.sampled_from(["latent: bilinear", "pixels: lanczos", "2x"]),
    denoise=st.sampled_from([0.4, 0.5]),
    positive=st.sampled_from(["", "fur"]),
)
recipes = st.builds(
    Recipe,
    positive=st.sampled_from(["a cat", "a dog"]),
    negative=st.sampled_from(["", "a cat"]),
    seed=st.integers(0, 1),
    steps=st.sampled_from([1, 4, 5]),
    cfg=st.just(7.0),
    sampler_name=st.just("euler"),
    scheduler=st.just("normal"),
    ckpt_name=st.sampled_from(["", "c1", "c2", "c3"]),
    vae_name=st.sampled_from(["", "", "v1", "v2", "c1"]),
    loras=st.lists(
        st.builds(
            LoraRecipe,
            name=st.sampled_from(["l1", "l2"]),
            strength_model=st.sampled_from([0.0, 1.0]),
            strength_clip=st.sampled_from([0.0, 0.5]),
        ),
        max_size=2,
    ).map(tuple),
    refiner=st.none() | refiner_recipes,
    hires=st.none() | hires_recipes,
)
links = st.builds(
    Links, vae=st.booleans(), positive_conditioning=st.booleans(), image=st.booleans()
)


def closure(stages: Iterable[Stage]) -> set[Stage]:
    found: set[Stage] = set()
    waiting = list(stages)
    while waiting:
        stage = waiting.pop()
        found.add(stage)
        waiting += stages_before(stage)
    return found


@given(st.lists(recipes, max_size=12), links)
def test_every_needed_stage_runs_once_and_after_all_that_it_needs(
    sweep: list[Recipe], linked: Links
) -> None:
    done: set[Stage] = set()
    for stage in stages_of(plan_of(sweep, linked)):
        assert stage not in done
        assert done.issuperset(stages_before(stage))
        done.add(stage)
    assert done == closure(decode_stage(recipe, linked) for recipe in sweep)


@given(st.lists(recipes, max_size=12), links)
def test_every_stage_finds_its_model(sweep: list[Recipe], linked: Links) -> None:
    kept: set[Place] = set()
    for segment in plan_of(sweep, linked).segments:
        for stage in segment.stages:
            assert stage.source in (segment.source, LINKED)
            if stage.source != LINKED and not segment.loads:
                assert isinstance(stage, (Enlarge, Decode))
                assert Place(stage.source, stage.vae_file) in kept
        if segment.loads and segment.keeps_vae:
            kept.add(segment.place)


@given(st.lists(recipes, max_size=12), links)
def test_no_checkpoint_is_loaded_twice_for_the_same_kind_of_work(
    sweep: list[Recipe], linked: Links
) -> None:
    plan = plan_of(sweep, linked)
    kinds_of_work = {(work_of(stage), stage.source) for stage in stages_of(plan)}
    most = Counter(source for _, source in kinds_of_work if source != LINKED)
    assert Counter(loads(plan)) <= most
    assert set(loads(plan)) == set(most)


def work_of(stage: Stage) -> str:
    """Texts, pictures and decodes are done beside the runs, where there are any."""
    if isinstance(stage, (EncodePixels, Enlarge, Decode)) and stage.vae_file:
        return "VAE"
    if isinstance(stage, Enlarge):
        return "enlarge"
    if not isinstance(stage, Sample):
        return "beside"
    return "second pass" if isinstance(stage.start, Enlarge) else stage.role


@given(st.lists(recipes, max_size=12), links)
def test_only_vaes_that_a_later_segment_needs_are_kept(sweep: list[Recipe], linked: Links) -> None:
    segments = plan_of(sweep, linked).segments
    borrowed = {segment.place for segment in segments if not segment.loads and segment.source}
    kept = {segment.place for segment in segments if segment.keeps_vae}
    assert kept == borrowed
