"""All that is fuzzed. What routes are asked goes through the same readers, and its own."""

from __future__ import annotations

from .manifest_targets import TARGETS_OF_MANIFESTS
from .name_targets import TARGETS_OF_NAMES
from .native_targets import TARGETS_OF_NATIVE_GRAPHS
from .picture_targets import TARGETS_OF_PICTURES
from .prompt_targets import TARGETS_OF_PROMPTS
from .question_targets import TARGETS_OF_QUESTIONS
from .recipe_targets import TARGETS_OF_RECIPES
from .value_targets import TARGETS_OF_VALUES

TARGETS = (
    *TARGETS_OF_VALUES,
    *TARGETS_OF_PROMPTS,
    *TARGETS_OF_MANIFESTS,
    *TARGETS_OF_PICTURES,
    *TARGETS_OF_NAMES,
    *TARGETS_OF_RECIPES,
    *TARGETS_OF_NATIVE_GRAPHS,
    *TARGETS_OF_QUESTIONS,
)
"""In the order of the table."""
