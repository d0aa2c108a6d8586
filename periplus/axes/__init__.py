"""From values text to axes: what a sweep varies."""
