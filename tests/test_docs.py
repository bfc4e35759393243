"""The Python blocks of README and guide run, block after block, as they stand."""

import re
from pathlib import Path

import pytest
import sklearn.neural_network

import skreg

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs" / "guide").glob("*.md"))


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda p: p.name)
def test_python_blocks_run(page):
    namespace = {}
    for number, block in enumerate(blocks(page), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), namespace)
        for expression, comment in re.findall(r"^print\((.*)\)  # (.*)$", block, re.MULTILINE):
            printed = numbers(str(eval(expression, namespace)))
            # A dict shows parameters, what else there is are rounded scores and shares.
            error = 0.0 if comment.startswith("{") else 0.015
            assert numbers(comment)[-len(printed) :] == pytest.approx(printed, abs=error)


def numbers(text):
    return [float(one) for one in re.findall(r"-?\b\d+(?:\.\d+)?(?:e-?\d+)?|\.\d+", text)]


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_guide_explains_all_that_skreg_adds(name):
    page = (ROOT / "docs" / "guide" / "from_scikit_learn.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    explained = set(re.findall(r"`(\w+)`", " ".join(rows)))
    ours, theirs = getattr(skreg, name), getattr(sklearn.neural_network, name)
    assert ours().get_params().keys() <= explained
    # There classes_ is set by fit; and scikit-learn makes the methods of routing.
    added = set(dir(ours)) - set(dir(theirs)) - {"classes_"}
    assert {one for one in added if not re.search("^_|_request$", one)} <= explained


def test_the_map_of_the_house_is_complete():
    page = (ROOT / "docs" / "inside.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", page.split("## ")[0], re.MULTILINE)
    found = set()
    for row in rows:
        names = re.findall(r"`([\w.]+)`", row)
        package = names[0].split(".")[0]
        found |= {name if "." in name else f"{package}.{name}" for name in names}
    package = Path(skreg.__file__).parent
    modules = {
        ".".join(path.relative_to(package).with_suffix("").parts)
        for path in package.rglob("*.py")
        if path.name != "__init__.py"
    }
    assert found == modules


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_inside_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "auto_examples" in target:  # written when the site is built, from the examples
            example = re.search(r"(plot_\w+?)(_\d+)?$", Path(target).stem)[1]
            assert (ROOT / "examples" / f"{example}.py").exists(), target
        elif "://" not in target:
            assert (page.parent / target).exists(), target
