"""Cells said in ComfyUI's own nodes."""
