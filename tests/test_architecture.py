"""Imports only go down, and modules on one floor do not know each other."""

import ast
import sys
from pathlib import Path

import pytest

import skreg

ROOT = Path(skreg.__file__).parent
FLOORS = [
    ["nn.block_diagonal"],
    ["nn.arrays", "nn.stopping", "nn.record"],
    ["nn.data", "nn.parameters", "nn.initializers", "nn.schedules", "nn.scores", "nn.links"],
    ["nn.losses", "nn.penalties", "nn.optimizers", "nn.layers"],
    [
        "nn.network",
        "nn.activations",
        "nn.log_losses",
        "nn.regularizer",
        "nn.null_model",
        "nn.averaging",
        "nn.sampling",
    ],
    ["nn.architecture", "nn.pruning"],
    ["nn.objective", "nn.monitor", "nn.settling"],
    ["nn.stochastic", "nn.lbfgs", "nn.training"],
    ["nn.storage"],
    ["estimators.constraints", "estimators.real_target"],
    [
        "estimators.targets",
        "estimators.inputs",
        "estimators.weights",
        "estimators.held_out",
        "estimators.scoring",
        "estimators.callbacks",
        "estimators.limits",
        "estimators.comparing",
    ],
    [
        "estimators.parity",
        "estimators.scales",
        "estimators.strengths",
        "preprocessing.blocks",
        "preprocessing.columns",
        "preprocessing.piecewise_linear",
        "preprocessing.squashing",
    ],
    ["estimators.refusals", "estimators.fitted", "preprocessing.table"],
    ["estimators.assembly"],
    ["estimators.notes"],
    [
        "estimators.continuation",
        "estimators.linear",
        "estimators.prediction",
        "estimators.sparsity",
    ],
    ["estimators.problem", "estimators.checkpoint"],
    ["estimators.fitting", "estimators.evaluation"],
    ["estimators.base"],
    ["estimators.networks"],
    ["estimators.classifier", "estimators.regressor", "estimators.hidden_layer"],
    [
        "model_selection.averaging",
        "model_selection.candidates",
        "model_selection.folds",
        "model_selection.grids",
        "model_selection.progress",
        "model_selection.results",
        "model_selection.strengths",
        "model_selection.walking",
    ],
    ["model_selection.path", "model_selection.race"],
    ["model_selection.relaxed"],
    ["model_selection.refits"],
    ["model_selection.comparisons"],
    ["model_selection.search"],
    ["model_selection.cv"],
    ["inspection.axes"],
    [
        "inspection.certificates",
        "inspection.loss_curve",
        "inspection.feature_weights",
        "inspection.path",
        "inspection.race",
    ],
]
FLOOR_OF = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in ROOT.rglob("*.py")
    if path.name != "__init__.py"
}
ALL = pytest.mark.parametrize("module", sorted(MODULES))


def imports(path):
    """Yield the full names of all that a file imports, wherever it does."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(name):
    """Return the floor of what is imported; a whole package is as high as its roof."""
    parts = name.split(".")[1:]
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        if module in FLOOR_OF:
            return FLOOR_OF[module]
    return len(FLOORS)


def test_every_module_has_its_floor():
    assert MODULES.keys() == FLOOR_OF.keys()


@ALL
def test_imports_only_go_down(module):
    own = [name for name in imports(MODULES[module]) if name.split(".")[0] == "skreg"]
    assert [name for name in own if floor_of(name) >= FLOOR_OF[module]] == []


def test_packages_only_pass_on_names():
    for path in ROOT.rglob("__init__.py"):
        inside = "skreg." + ".".join(path.parent.relative_to(ROOT).parts)
        for name in imports(path):
            assert name.startswith(inside), f"{path} imports {name}"


@ALL
def test_threads_of_the_process_are_left_alone(module):
    names = {name.split(".")[0] for name in imports(MODULES[module])}
    # Files are brought to the disk by os alone.
    allowed = {"os"} if module == "nn.storage" else set()
    assert not (names & {"os", "threadpoolctl"}) - allowed


@ALL
def test_the_engine_needs_numpy_and_scipy_alone(module):
    allowed = {"skreg", "numpy", "scipy"} | sys.stdlib_module_names
    if not module.startswith("nn."):
        allowed |= {"sklearn", "joblib"}
    if module.startswith("inspection."):
        allowed |= {"matplotlib"}
    assert {name.split(".")[0] for name in imports(MODULES[module])} <= allowed


@ALL
def test_matplotlib_is_imported_where_something_is_drawn(module):
    statements = ast.parse(MODULES[module].read_text()).body
    top = [one for one in statements if isinstance(one, ast.Import | ast.ImportFrom)]
    assert "matplotlib" not in ast.unparse(top)


@ALL
def test_nothing_private_of_scikit_learn_is_used(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn"):
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            assert not [name for name in names if name[0] == "_" and name not in DOCUMENTED]


@ALL
def test_functions_fit_on_a_screen(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            docstring = node.body[0].end_lineno - node.lineno if ast.get_docstring(node) else 0
            assert node.end_lineno - node.lineno - docstring <= 60, node.name


def lines_of_docstrings(tree):
    """Return how many lines of a module are docstrings."""
    kinds = ast.Module, ast.ClassDef, ast.FunctionDef
    documented = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    first = [node.body[0] for node in documented if ast.get_docstring(node)]
    return sum(node.end_lineno - node.lineno + 1 for node in first)


@ALL
def test_modules_are_short_or_mostly_docstring(module):
    text = MODULES[module].read_text()
    n_lines = len(text.splitlines())
    assert n_lines <= 350 or lines_of_docstrings(ast.parse(text)) > n_lines / 2


# What named tuples and scikit-learn document in spite of the underscore.
DOCUMENTED = {"_replace", "_fields", "_asdict", "_init_callback_context", "_safe_indexing"}


def defined_names(tree):
    """Return all names that a module gives to something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            yield getattr(node, "attr", None) or node.id
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@ALL
def test_private_names_stay_in_their_module(module):
    tree = ast.parse(MODULES[module].read_text())
    known = {*defined_names(tree), *DOCUMENTED}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} - DOCUMENTED
            assert not [name for name in names if name.startswith("_")]
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            is_magic = node.attr.startswith("__")
            assert is_own or is_magic or node.attr in known, ast.unparse(node)


@ALL
def test_private_functions_take_five_parameters_at_most(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("_"):
            names = [one.arg for one in node.args.args + node.args.kwonlyargs]
            n_own = len([name for name in names if name not in ("self", "cls")])
            assert n_own <= 5 or node.name == "__init__", node.name


@ALL
def test_warnings_are_raised_in_one_place(module):
    text = MODULES[module].read_text()
    assert ("warnings.warn(" in text) == (module == "estimators.notes")
    assert "catch_warnings" not in text
    assert "simplefilter" not in text


@ALL
def test_the_name_of_the_solver_is_asked_in_one_place(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Compare) and "solver" in ast.unparse(node.left):
            assert module == "estimators.assembly", ast.unparse(node)
