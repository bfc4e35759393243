"""Configuration of the documentation.

Build it, without any network, with ``sphinx-build -W --keep-going docs docs/_build/html``.
"""

import importlib
import importlib.metadata
import importlib.util
import sys
from pathlib import Path

from docutils import nodes

sys.path.insert(0, str(Path(__file__).parent))  # for reading_order

project = "skreg"
author = "The skreg developers"
project_copyright = "the skreg developers"
release = importlib.metadata.version("skreg")
version = release

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "changes.d"]
templates_path = ["_templates"]
default_role = "py:obj"
toc_object_entries_show_parents = "hide"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "ignore_pattern": r"quickstart\.py",
    "within_subsection_order": "reading_order.ReadingOrder",
    "abort_on_example_error": True,
    "doc_module": ("skreg",),
    "backreferences_dir": "generated/backreferences",
    "image_srcset": ["2x"],
    "min_reported_time": 1e9,
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
}

# MathJax in one file, with its fonts: pages show formulas where there is no network.
mathjax = Path(importlib.util.find_spec("mathjax").origin).parent
html_static_path = ["_static", str(mathjax / "static" / "mathjax" / "es5" / "tex-svg.js")]
mathjax_path = "tex-svg.js"

html_theme = "pydata_sphinx_theme"
html_title = "skreg"
html_css_files = ["skreg.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_nav_level": 2,
    "show_toc_level": 2,
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"inside": [], "changes": [], "contributing": []}
html_context = {"default_mode": "auto"}


def skip_inherited(app, what, name, member, skip, options):
    """Leave scikit-learn's methods to its pages, and attributes to the docstring."""
    owner = str(getattr(member, "__module__", "skreg"))
    return skip or not owner.startswith("skreg") or name.endswith("_")


def link_scikit_learn(app, env, node, contnode):
    """Link names of scikit-learn to its site, without an inventory from the network."""
    module, _, name = node["reftarget"].rpartition(".")
    if not module.startswith("sklearn"):
        return None
    if not hasattr(importlib.import_module(module), name):
        return None
    page = f"https://scikit-learn.org/stable/modules/generated/{module}.{name}.html"
    return nodes.reference("", "", contnode, internal=False, refuri=page)


def setup(app):
    """Connect the above."""
    app.connect("autodoc-skip-member", skip_inherited)
    app.connect("missing-reference", link_scikit_learn)
