"""What ComfyUI's page may ask."""
