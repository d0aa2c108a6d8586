"""The prompt that ComfyUI runs, and the sweep node in it."""
