"""The only code that touches ComfyUI: models, sampling, progress, folders, the prompt graph."""
