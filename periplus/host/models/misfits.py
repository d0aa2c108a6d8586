"""Saying of models, latents and texts that do not fit each other which of them does not.

Nothing is refused for it: whether something fits, the models know best. Where they raise, this
tells why in words that a user understands, not by the shapes of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .. import compat


class MisfitError(ValueError):
    """Things do not go together; the text says which, and what would."""


@contextmanager
def explaining(misfit: Callable[[], str]) -> Iterator[None]:
    """Where a block raises and something did not fit, raise that instead.

    Args:
        misfit: says what does not fit; an empty text where all fits.

    Raises:
        MisfitError: something does not fit.
        Exception: what the block raises otherwise.
    """
    try:
        yield
    except compat.Interrupted:
        raise
    except Exception as error:
        text = "" if compat.is_out_of_memory(error) else misfit()
        if not text:
            raise
        raise MisfitError(text) from error


def vae_misfit(name: str, vae: Any, samples: Any) -> str:
    """Say that a VAE does not fit a latent.

    Args:
        name: the VAE's, as in "the linked VAE".
        vae: a VAE, perhaps of a kind of another pack's.
        samples: of the latent: pictures x channels x height x width.
    """
    channels, expected = int(samples.shape[1]), getattr(vae, "latent_channels", None)
    if expected in (None, channels):
        return ""
    return (
        f"{name} takes latents of {expected} channels, but this latent has {channels}: choose a "
        "VAE of the model's own kind"
    )


def sampling_misfit(model: Any, samples: Any, conditionings: Iterable[Any]) -> str:
    """Say that a latent or a text does not fit the model that samples.

    Args:
        model: a MODEL.
        samples: of the latent, as they go to the model.
        conditionings: CONDITIONINGs.
    """
    (first, *_) = compat.parts_of_nested(samples)
    channels = int(first.shape[1])
    expected = int(model.get_model_object("latent_format").latent_channels)
    if channels != expected:
        return (
            f"the latent has {channels} channels, but the model takes {expected}: start from a "
            "latent, or a VAE, of the model's own kind"
        )
    width = getattr(model.model.model_config, "unet_config", {}).get("context_dim")
    found = {int(entry[0].shape[-1]) for conditioning in conditionings for entry in conditioning}
    if width is None or found == {width}:
        return ""
    return (
        f"a text is encoded {min(found - {width})} numbers wide, but the model takes {width}: "
        "encode it with the CLIP of the model's own kind"
    )
