"""The built documentation: links, pictures, formulas and search.

``SKREG_SITE`` names the folder that ``sphinx-build`` has written; without it there is
nothing to test. What only a browser can tell needs playwright and a Chromium.
"""

import os
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import skreg
import skreg.inspection
import skreg.model_selection
import skreg.preprocessing

if "SKREG_SITE" not in os.environ:
    pytest.skip("SKREG_SITE names no built site", allow_module_level=True)
SITE = Path(os.environ["SKREG_SITE"]).resolve()
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("plot_*.py"))
PAGES = sorted(
    page for page in SITE.rglob("*.html") if "_static" not in page.relative_to(SITE).parts
)
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SITE)))
CHROMIUM = shutil.which("chromium")


class Targets(HTMLParser):
    """What a page links to and shows, and the places in it that others may link to."""

    def __init__(self, page):
        super().__init__()
        self.links, self.pictures, self.anchors = [], [], set()
        self.feed(page.read_text())

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.update(attributes[name] for name in ("id", "name") if attributes.get(name))
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag == "img":
            self.pictures.append(attributes["src"])


LOOK = """() => ({
    tooWide: [...document.querySelectorAll('html, .bd-article-container')]
        .filter(one => one.scrollWidth > one.clientWidth).map(one => one.tagName),
    cutOff: [...document.querySelectorAll('.prev-next-area a')]
        .filter(one => one.scrollWidth > one.clientWidth
            || one.getBoundingClientRect().right > innerWidth).map(one => one.textContent),
    pictures: [...document.images].filter(one => !one.naturalWidth).map(one => one.src),
    formulas: [...document.querySelectorAll('.math')]
        .filter(one => !one.querySelector('mjx-container svg')).map(one => one.textContent),
    errors: document.querySelectorAll('[data-mml-node=merror]').length,
})"""
TARGETS = {page: Targets(page) for page in PAGES}


def inside(page, links):
    """Yield file and anchor of the links that stay within the site."""
    for link in links:
        parts = urlsplit(link)
        if not parts.scheme:
            file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            yield file, unquote(parts.fragment)


@PAGE
def test_links_lead_somewhere(page):
    for file, anchor in inside(page, TARGETS[page].links):
        assert file.exists(), file
        assert not anchor or anchor in TARGETS[file].anchors, (file, anchor)


@PAGE
def test_pictures_are_there(page):
    for file, _ in inside(page, TARGETS[page].pictures):
        assert file.stat().st_size > 0, file


@pytest.mark.parametrize(
    "package", [skreg, skreg.inspection, skreg.model_selection, skreg.preprocessing]
)
def test_everything_public_has_a_page(package):
    for name in package.__all__:
        if callable(getattr(package, name)):
            # Under the shorter of two names.
            owner = "skreg" if hasattr(skreg, name) else package.__name__
            assert SITE / "generated" / f"{owner}.{name}.html" in PAGES
        else:
            # A constant stands on the page of the API itself.
            assert f">{name}<" in (SITE / "api.html").read_text()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_an_example_has_pictures_and_a_thumbnail(example):
    page = SITE / "auto_examples" / f"{example.stem}.html"
    assert any(example.stem in picture for picture in TARGETS[page].pictures)
    gallery = TARGETS[SITE / "auto_examples" / "index.html"]
    assert any(f"{example.stem}_thumb" in picture for picture in gallery.pictures)


@pytest.fixture(scope="module")
def browser():
    """A browser that sees this machine only, and fails where a page asks for more."""
    api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(params=[1400, 400], ids=["wide", "narrow"])
def tab(browser, request):
    """A page of the browser, as wide as a desk's or a telephone's; its faults are recorded."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    tab = context.new_page()
    tab.faults = []
    tab.on("request", lambda one: tab.faults.append(one.url) if "http" in one.url[:5] else None)
    tab.on("pageerror", lambda error: tab.faults.append(str(error)))
    yield tab
    context.close()


def visit(tab, page, query=""):
    tab.goto(page.as_uri() + query)
    tab.wait_for_function("!window.MathJax || MathJax.startup?.promise?.then(() => true)")


@PAGE
def test_pages_look_right_in_a_browser(tab, page):
    visit(tab, page)
    look = tab.evaluate(LOOK)
    assert look == {"tooWide": [], "cutOff": [], "pictures": [], "formulas": [], "errors": 0}
    assert tab.faults == []


def test_search_finds_dropout(tab):
    visit(tab, SITE / "search.html", "?q=dropout")
    # Results come in one after the other; without this one the wait ends in an error.
    tab.wait_for_selector('ul.search li a[href*="plot_dropout_uncertainty"]', state="attached")
