"""A small world and small models that paint it: what the demo's checkpoints are made of."""
