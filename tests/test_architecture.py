"""Imports only go down, and modules on one floor do not know each other."""

import ast
from pathlib import Path

import pytest

import skreg

ROOT = Path(skreg.__file__).parent
FLOORS = [
    ["nn.arrays"],
    ["nn.data", "nn.initializers", "nn.schedules", "nn.stopping"],
    ["nn.losses", "nn.penalties", "nn.optimizers", "nn.layers"],
    ["nn.network"],
    ["nn.objective", "nn.monitor"],
    ["nn.stochastic", "nn.lbfgs"],
    ["estimators.targets", "estimators.validation", "estimators.scoring"],
    ["estimators.base"],
    ["estimators.classifier", "estimators.regressor"],
]
FLOOR_OF = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in ROOT.rglob("*.py")
    if path.name != "__init__.py"
}
ALL = pytest.mark.parametrize("module", sorted(MODULES))


def imports(path):
    """Yield the full names of all modules that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module


def own_imports(path):
    return {name.removeprefix("skreg.") for name in imports(path) if name.startswith("skreg.")}


def test_every_module_has_its_floor():
    assert MODULES.keys() == FLOOR_OF.keys()


@ALL
def test_imports_only_go_down(module):
    not_below = {
        name for name in own_imports(MODULES[module]) if FLOOR_OF[name] >= FLOOR_OF[module]
    }
    assert not not_below


@ALL
def test_the_engine_needs_numpy_and_scipy_alone(module):
    standard = {
        "collections",
        "dataclasses",
        "itertools",
        "math",
        "numbers",
        "typing",
        "warnings",
    }
    allowed = {"skreg", "numpy", "scipy"} | standard
    if not module.startswith("nn."):
        allowed |= {"sklearn", "joblib"}
    assert {name.split(".")[0] for name in imports(MODULES[module])} <= allowed


@ALL
def test_nothing_private_of_scikit_learn_is_used(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            assert not [name for name in names if name.startswith("_")]


@ALL
def test_functions_fit_on_a_screen(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            docstring = node.body[0].end_lineno - node.lineno if ast.get_docstring(node) else 0
            assert node.end_lineno - node.lineno - docstring <= 60, node.name
