"""Running sweeps, segment by segment."""
