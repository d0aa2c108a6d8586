"""The library: plain Python that knows sweeps, plans and sheets, and nothing of ComfyUI.

Only :mod:`periplus.host` imports ComfyUI; everything else here runs and is tested alone.
"""
