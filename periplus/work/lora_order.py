"""The order of a segment's stages: for one choice of LoRAs after the other, texts first."""

from __future__ import annotations

from collections.abc import Sequence

from .stages import AppliedLora, Decode, Encode, Enlarge, Sample, Stage, texts_of

Loras = tuple[tuple[AppliedLora, ...], ...]
"""The LoRAs of a run and of each of its texts."""


def by_loras(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Group the stages of one loaded model by their LoRAs, so that each is patched in once.

    Groups that differ in strengths only are neighbours, since they share the files. In a group the
    texts come first: they are small, and their encoder can then leave the device. Without LoRAs
    there is one group.

    Args:
        stages: in an order in which each comes after those that it needs.
    """
    files: dict[frozenset[str], int] = {}
    choices: dict[Loras, int] = {}
    groups: dict[Stage, tuple[int, int]] = {}
    for stage in stages:
        if not isinstance(stage, Sample):
            continue
        texts = (*texts_of(stage.positive), *texts_of(stage.negative))
        loras = (stage.loras, *(text.loras for text in texts))
        names = frozenset(lora.name for applied in loras for lora in applied)
        group = files.setdefault(names, len(files)), choices.setdefault(loras, len(choices))
        for text in texts:
            groups[text] = min(group, groups.get(text, group))
        # What is made of a run follows it, and so does a run that goes on from it.
        before = stage.start.latent if isinstance(stage.start, Enlarge) else stage.start
        groups[stage] = max(group, groups.get(before, group)) if before else group
    return tuple(sorted(stages, key=lambda stage: (_group(stage, groups), _is_later(stage))))


def _is_later(stage: Stage) -> bool:
    return not isinstance(stage, Encode)


def _group(stage: Stage, groups: dict[Stage, tuple[int, int]]) -> tuple[int, int]:
    # A text for a run in another segment, or what is made of one, is in no group; nor is what
    # encodes a picture, so it comes before all runs.
    of = stage.latent if isinstance(stage, (Decode, Enlarge)) else stage
    return groups.get(of, (0, 0))
