"""What ComfyUI's models do: loading, encoding, decoding, enlarging, patching."""
