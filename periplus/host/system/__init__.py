"""What this ComfyUI has: folders, names, settings, and what is remembered between prompts."""
