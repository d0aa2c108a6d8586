"""Sheets and pictures for ComfyUI's folders and IMAGEs."""
