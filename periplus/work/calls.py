"""How many steps a sampler run makes, and how often it calls the denoiser, told before it runs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from ..prompts.script import calls_per_step
from .families import family_of, start_of
from .stages import Sample

DROPS_A_SIGMA = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})
"""Samplers for which KSampler takes one step more and leaves out the last sigma but one."""

TIMESTEPS = 1000
"""Of the models that ComfyUI's schedule ``ddim_uniform`` strides over."""

WHOLE = 0.9999
"""Above this denoise, KSampler samples the whole schedule."""

LOOKS_BACK = frozenset(
    {
        *("euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "ddim", "lms"),
        *("heun", "dpm_2", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp"),
        *("dpmpp_2m", "dpmpp_2m_cfg_pp", "ipndm", "ipndm_v", "deis", "ddpm", "lcm"),
        *("res_multistep", "res_multistep_cfg_pp", "gradient_estimation"),
        *("res_multistep_ancestral", "res_multistep_ancestral_cfg_pp"),
        *("gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "exp_heun_2_x0"),
        *("sa_solver", "uni_pc", "uni_pc_bh2"),
    }
)
"""Samplers of which a step does not depend on where the run ends."""

BEGINS_AS: Mapping[str, str] = {
    "beta": "simple",
    "linear_quadratic": "simple",
    "exponential": "normal",
    "sgm_uniform": "normal",
}
"""Schedules whose first sigma is that of another, to the last bit."""


@dataclass(frozen=True)
class Steps:
    """The steps of a run."""

    count: int
    ends_clean: bool = True
    """Whether the last one leads to a latent without noise."""


def steps_of(run: Sample) -> Steps:
    """The steps that a run makes; one that is handed over, or goes on so, makes its part."""
    if run.handoff:
        whole = _steps(run)
        return Steps(min(whole.count, _steps_before(run)), whole.ends_clean)
    if isinstance(run.start, Sample) and run.start.handoff:
        return Steps(max(0, _steps(run.start).count - _steps_before(run.start)))
    return _steps(run)


def calls_of(run: Sample) -> int:
    """How often a run calls the denoiser.

    It is a guess for a sampler that takes as many steps as it likes (``dpm_adaptive``), or that
    came with another pack.
    """
    if run.handoff:
        return min(run.handoff.call, _calls(run.sampler_name, _steps(run)))
    if isinstance(run.start, Sample) and run.start.handoff:
        whole = replace(run.start, handoff=None)
        return calls_of(whole) - calls_of(run.start)
    return _calls(run.sampler_name, _steps(run))


def shared_calls(runs: Iterable[Sample]) -> int:
    """How many calls of some runs the memo will most likely answer, see :mod:`periplus.work.memo`.

    Args:
        runs: distinct ones.
    """
    families: defaultdict[Hashable, list[Sample]] = defaultdict(list)
    for run in runs:
        alike = family_of(run) if run.sampler_name in LOOKS_BACK else run
        families[alike].append(run)
    shared = 0
    starts: Counter[Hashable] = Counter()
    for members in families.values():
        calls = [calls_of(run) for run in members]
        shared += sum(calls) - max(calls)
        starts[_beginning(members[0])] += max(calls) > 0
    return shared + sum(count - 1 for count in starts.values() if count)


def _beginning(run: Sample) -> Hashable:
    """What runs have in common whose first call is the same."""
    if run.denoise > WHOLE and not run.start_step:
        sigma: Hashable = BEGINS_AS.get(run.scheduler, run.scheduler)
    else:
        sigma = (run.scheduler, run.steps, run.sampler_name in DROPS_A_SIGMA)
    return (
        start_of(run),
        sigma,
        # Without CFG the negative is left out, but for the samplers that need it.
        math.isclose(run.cfg_scale, 1.0) and not run.sampler_name.endswith("_cfg_pp"),
    )


def _steps(run: Sample) -> Steps:
    """The steps of a run as KSampler cuts it, whoever ends it."""
    extra = int(run.sampler_name in DROPS_A_SIGMA)
    if run.denoise <= 0:
        return Steps(0)
    if run.denoise > WHOLE:
        count = _scheduled(run.scheduler, run.steps + extra) - extra
    else:
        longer = int(run.steps / run.denoise)
        count = min(run.steps, _scheduled(run.scheduler, longer + extra) - extra)
    is_cut = run.last_step is not None and run.last_step < count
    last = run.last_step if is_cut and run.last_step is not None else count
    return Steps(max(0, last - (run.start_step or 0)), not is_cut)


def _scheduled(scheduler: str, steps: int) -> int:
    """The steps that a schedule has when so many are asked for."""
    if scheduler != "ddim_uniform":
        return steps
    return math.ceil((TIMESTEPS - 1) / max(TIMESTEPS // steps, 1))


def _calls(sampler_name: str, steps: Steps) -> int:
    count = steps.count
    if not count:
        return 0
    if sampler_name == "heunpp2":  # one call in the last step, two in the one before
        return max(1, 3 * count - 3)
    if sampler_name == "sa_solver_pece":
        return 2 * count - 1
    each = calls_per_step(sampler_name)
    return each * count - (each - 1 if steps.ends_clean else 0)


def _steps_before(run: Sample) -> int:
    """The steps before a run is handed over."""
    return run.handoff.call // calls_per_step(run.sampler_name) if run.handoff else 0
