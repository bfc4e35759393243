"""Configuration of the documentation.

Build it with ``sphinx-build -W --keep-going docs docs/_build/html``.
"""

import importlib.metadata

project = "skreg"
author = "The skreg developers"
release = importlib.metadata.version("skreg")

extensions = ["sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 2
numpydoc_show_class_members = False
exclude_patterns = ["_build"]
html_theme = "alabaster"
