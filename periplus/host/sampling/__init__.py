"""Sampler runs: alone, in step, handed over, with a memory of calls."""
