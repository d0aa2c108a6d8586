"""What is kept of a sweep: finished cells, the manifest, names and small pictures."""
