"""A1111's sampler labels against ComfyUI's names, and what may stand on a sampler pair axis."""

from __future__ import annotations

import pytest

from periplus.axes.a1111 import A1111_SAMPLERS, SamplerPair, resolve_pair
from periplus.axes.values import Item
from periplus.errors import ValuesError

# The names of ComfyUI 0.3.75.
# fmt: off
SAMPLERS = [
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2",
    "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp",
    "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm", "ipndm_v", "deis", "res_multistep",
    "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp",
    "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3",
    "sa_solver", "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2",
]
SCHEDULERS = [
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal",
    "linear_quadratic", "kl_optimal",
]
# fmt: on

WITHOUT_AN_EQUAL = {
    *("DPM++ 3M SDE", "DPM++ 3M SDE Karras", "DPM++ 3M SDE Exponential"),
    *("DPM fast", "DPM adaptive", "Restart", "DDIM", "PLMS", "UniPC"),
}


def resolve(text: str) -> SamplerPair:
    return resolve_pair(Item(text, 1), SAMPLERS, SCHEDULERS)


def refusal(text: str, samplers: list[str] = SAMPLERS, schedulers: list[str] = SCHEDULERS) -> str:
    with pytest.raises(ValuesError) as error:
        resolve_pair(Item(text, 4), samplers, schedulers)
    return str(error.value)


def test_the_table_has_the_thirty_labels_of_1_6_0() -> None:
    assert len(A1111_SAMPLERS) == 30


@pytest.mark.parametrize("label", A1111_SAMPLERS)
def test_every_label_resolves_to_names_that_comfyui_has(label: str) -> None:
    pair = resolve(label)
    assert pair is A1111_SAMPLERS[label]
    assert pair.label == label
    assert pair.sampler_name in SAMPLERS
    assert pair.scheduler in SCHEDULERS


@pytest.mark.parametrize("label", A1111_SAMPLERS)
def test_just_the_labels_without_an_exact_equal_say_so(label: str) -> None:
    assert bool(A1111_SAMPLERS[label].note) == (label in WITHOUT_AN_EQUAL)


@pytest.mark.parametrize("label", A1111_SAMPLERS)
def test_the_schedule_word_of_a_label_is_its_scheduler(label: str) -> None:
    for word in ("Karras", "Exponential"):
        if label.endswith(word):
            plain = A1111_SAMPLERS[label.removesuffix(f" {word}")]
            pair = A1111_SAMPLERS[label]
            assert (pair.sampler_name, pair.scheduler) == (plain.sampler_name, word.lower())


@pytest.mark.parametrize(
    ("text", "label", "names"),
    [
        ("dpm++ 2m  sde   karras", "DPM++ 2M SDE Karras", ("dpmpp_2m_sde_gpu", "karras")),
        ("EULER A", "Euler a", ("euler_ancestral", "normal")),
        ("Euler", "Euler", ("euler", "normal")),
        ("PLMS", "PLMS", ("ipndm", "ddim_uniform")),
        ("Euler a SGM Uniform", "Euler a SGM Uniform", ("euler_ancestral", "sgm_uniform")),
        ("euler karras", "Euler Karras", ("euler", "karras")),
        ("DPM++ 2M Uniform", "DPM++ 2M Uniform", ("dpmpp_2m", "normal")),
        ("Heun Polyexponential", "Heun Polyexponential", ("heun", "exponential")),
        ("DPM2 DDIM", "DPM2 DDIM", ("dpm_2", "ddim_uniform")),
        ("dpmpp_2m/karras", "dpmpp_2m/karras", ("dpmpp_2m", "karras")),
        ("DPMPP_2M / Karras", "dpmpp_2m/karras", ("dpmpp_2m", "karras")),
    ],
)
def test_labels_and_pairs_resolve(text: str, label: str, names: tuple[str, str]) -> None:
    pair = resolve(text)
    assert pair.label == label
    assert (pair.sampler_name, pair.scheduler) == names


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Euler Simple", ""),
        ("Euler Beta", "A1111 spreads Beta over sigmas, ComfyUI over timesteps"),
        ("Restart SGM Uniform", "plain Heun, ComfyUI has no Restart sampler"),
        ("euler/beta", ""),
    ],
)
def test_the_note_of_a_schedule_word_and_of_its_sampler_is_kept(text: str, note: str) -> None:
    assert resolve(text).note == note


def test_a_label_takes_one_schedule_word_only() -> None:
    assert "neither a sampler/scheduler pair" in refusal("DPM++ 2M Karras Exponential")


@pytest.mark.parametrize("name", ["euler", "lcm", "dpmpp_2m"])
def test_a_sampler_without_scheduler_is_refused_with_the_way_out(name: str) -> None:
    message = refusal(name)
    assert message == f"item 4 '{name}' names no scheduler; write {name}/normal"
    assert resolve(message.rpartition("write ")[2]).sampler_name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eulr/karras", "item 4 'eulr' is not a sampler of this ComfyUI; nearest: euler"),
        ("euler/kerras", "item 4 'kerras' is not a scheduler of this ComfyUI; nearest: karras"),
    ],
)
def test_the_misspelt_half_of_a_pair_is_named(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("DPM++ 2M Karas", "nearest: DPM++ 2M Karras"),
        ("res_multstep", "nearest: res_multistep/normal"),
        ("dpmpp_2m Karras", "write dpmpp_2m/karras"),
        ("xyzzy", "write it like dpmpp_2m/karras or DPM++ 2M Karras"),
    ],
)
def test_what_is_unknown_is_refused_with_the_nearest(text: str, hint: str) -> None:
    assert refusal(text) == (
        f"item 4 '{text}' is neither a sampler/scheduler pair nor an A1111 sampler label; {hint}"
    )


def test_a_label_that_needs_what_this_comfyui_lacks_is_refused() -> None:
    assert "needs the sampler dpmpp_2m, which" in refusal("DPM++ 2M", samplers=["euler"])
    assert "needs the scheduler karras, which" in refusal("LMS Karras", schedulers=["normal"])
