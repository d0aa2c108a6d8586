"""One sampler run, exactly as KSampler and KSamplerAdvanced make it, but with our own callback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import comfy.sample
import comfy.samplers
import comfy.utils
import latent_preview
import torch
from comfy.patcher_extension import WrappersMP

from ...records.manifest import Account
from ...work.memo import Memo
from ...work.stages import Sample
from .. import compat
from ..models.finite import UNET_CAUSE, check_finite
from ..models.misfits import explaining, sampling_misfit
from ..prompt.progress import throw_if_cancelled
from .handoff import Handover, Switch, serve
from .memo import OURS, PassCounter, Recall, is_stateless
from .sampler_run import SamplerRun
from .scripted import TurnTaking

OnStep = Callable[[float, Any], None]
"""Called after each step with the fraction done, 0 to 1, and a preview for the bar, or None."""


class Sampler:
    """Runs the sampler on one model.

    Args:
        model: a MODEL; it is cloned, and its patches and options are kept.
        memo: evaluations of the denoiser that several runs share.
        account: counts the evaluations.
        in_step: whether its runs go in step, see ``Lockstep``.
    """

    def __init__(self, model: Any, memo: Memo, account: Account, *, in_step: bool = False) -> None:
        if model is None:
            raise RuntimeError("the checkpoint contains no diffusion model")
        self._model = model.clone()
        self._recall = Recall(memo, account, remembers=is_stateless(self._model))
        if in_step:
            self._model.set_model_sampler_calc_cond_batch_function(self._recall.in_step)
        calls = PassCounter(account) if in_step else self._recall.alone
        self._model.add_wrapper_with_key(WrappersMP.CALC_COND_BATCH, OURS, calls)
        self._switch = Switch()
        self._model.add_wrapper_with_key(WrappersMP.PREDICT_NOISE, OURS, self._switch)
        self._turns = TurnTaking()
        self._model.add_wrapper_with_key(WrappersMP.PREDICT_NOISE, OURS, self._turns)
        self._previewer = latent_preview.get_previewer(
            self._model.load_device, self._model.model.latent_format
        )

    @property
    def model(self) -> Any:
        """The clone that it runs on."""
        return self._model

    def run(
        self, stage: Sample, positive: Any, negative: Any, latent: dict[str, Any], on_step: OnStep
    ) -> dict[str, Any]:
        """Sample.

        Args:
            stage: the settings.
            positive: a CONDITIONING.
            negative: a CONDITIONING.
            latent: the LATENT to start from; its noise mask and batch indexes are honoured.
            on_step: see :data:`OnStep`.

        Returns:
            The LATENT, with leftover noise where the stage ends before the last step.

        Raises:
            MisfitError: the model raises, and latent or texts do not fit it.
            NotFiniteError: the sampler gave NaN.
            Interrupted: the user cancelled.
        """
        # Where the stage has a handoff, this must run on a strand, which then pauses.
        samples = compat.fit_empty_latent(self._model, latent)
        if stage.adds_noise:
            noise = comfy.sample.prepare_noise(samples, stage.seed, latent.get("batch_index"))
        else:
            noise = compat.no_noise(samples)
        start = {**latent, "samples": samples}
        self._switch.begin(stage.handoff.call if stage.handoff else None, start)
        self._turns.begin(stage.first_call)
        self._recall.begin(stage)
        with explaining(lambda: sampling_misfit(self._model, samples, (positive, negative))):
            result = comfy.sample.sample(
                self._model,
                noise,
                stage.steps,
                stage.cfg_scale,
                stage.sampler_name,
                stage.scheduler,
                positive,
                negative,
                samples,
                denoise=stage.denoise,
                disable_noise=not stage.adds_noise,
                start_step=stage.start_step,
                last_step=stage.last_step,
                noise_mask=latent.get("noise_mask"),
                callback=self._callback(on_step),
                disable_pbar=not comfy.utils.PROGRESS_BAR_ENABLED,
                seed=stage.seed,
            )
        check_finite(result, f"the sampler {stage.sampler_name}", UNET_CAUSE)
        return compat.sampled_latent(latent, result)

    def take_over(
        self, stage: Sample, positive: Any, negative: Any, run: SamplerRun[Any, Any]
    ) -> None:
        """Answer a run of another model from its switch to its end.

        Args:
            stage: the settings.
            positive: a CONDITIONING.
            negative: a CONDITIONING.
            run: paused at its switch.

        Raises:
            Interrupted: the user cancelled.
        """

        def serving(model: Any, x: Any, _sigmas: Any, extra_args: Any, **_: Any) -> Any:
            serve(run, model, extra_args)
            return x

        handover: Handover = run.question
        start, sigma = handover.start, handover.sigma[:1].cpu()
        self._switch.begin(None, start)
        self._turns.begin(stage.first_call)
        self._recall.begin(stage)
        comfy.sample.sample_custom(
            self._model,
            compat.no_noise(start["samples"]),
            stage.cfg_scale,
            comfy.samplers.KSAMPLER(serving),
            torch.cat([sigma, torch.zeros_like(sigma)]),
            positive,
            negative,
            start["samples"],
            noise_mask=start.get("noise_mask"),
            disable_pbar=True,
            seed=stage.seed,
        )

    def _callback(self, on_step: OnStep) -> Callable[[int, Any, Any, int], None]:
        def callback(step: int, x0: Any, _x: Any, total_steps: int) -> None:
            throw_if_cancelled()
            preview = None
            if self._previewer is not None:
                picture = compat.parts_of_nested(x0)[0]
                preview = self._previewer.decode_latent_to_preview_image("JPEG", picture)
            on_step(min(1.0, (step + 1) / max(total_steps, 1)), preview)

        return callback
