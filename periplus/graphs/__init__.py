"""Sweeps of whole workflows: inputs of nodes, and what becomes of the prompt."""
