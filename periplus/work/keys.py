"""Keys: digests that name work by everything that determines its result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..files.json_text import json_value
from .stages import Stage, stage_inputs, stages_before

KEY_VERSION = 1
"""Part of every key; raised when the same stage would give another result than before."""


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of a JSON value written in one canonical way."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    # Half an emoji, which a prompt may contain, has no UTF-8.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def stage_key(stage: Stage, identities: Mapping[str, str], host: Mapping[str, str]) -> str:
    """Name a stage by everything that determines its result: equal keys, equal pixels.

    Args:
        stage: the stage; the stages that it builds on count with it.
        identities: what stands behind each of :func:`used_inputs`: a digest of a checkpoint's file,
            of the graph that makes a linked model, of a latent's content. Others do not count.
        host: versions, device kind and options that change pixels.

    Returns:
        64 hexadecimal digits.
    """
    return digest(
        {
            "version": KEY_VERSION,
            "stage": json_value(stage, whole),
            "identities": {name: identities[name] for name in used_inputs([stage])},
            "host": dict(host),
        }
    )


def graph_key(identity: str, host: Mapping[str, str]) -> str:
    """Name a picture that a workflow makes by everything that determines it.

    Args:
        identity: a digest of the workflow's nodes and files.
        host: as for :func:`stage_key`.

    Returns:
        64 hexadecimal digits.
    """
    return digest({"version": KEY_VERSION, "graph": identity, "host": dict(host)})


def used_inputs(stages: Iterable[Stage]) -> set[str]:
    """The names of all that stages and those before them work with, see ``stages.stage_inputs``."""
    names = set[str]()
    for stage in stages:
        names.update(stage_inputs(stage), used_inputs(stages_before(stage)))
    return names


def whole(value: Any) -> Any:
    """Write whole numbers as such: stages with cfg 7 and 7.0 are equal, so their keys are."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
