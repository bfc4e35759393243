"""Public docstrings are complete numpydoc; their examples run as doctests."""

import inspect

import pytest
from numpydoc.validate import validate

import skreg
import skreg.inspection
import skreg.model_selection
import skreg.preprocessing

# Each of numpydoc's checks that we do not follow, with the reason.
IGNORED = {
    "GL01": "the summary stands on the line of the quotes",
    "GL08": "a missing docstring: attributes and inherited methods are documented in the class",
    "SA01": "See Also is for classes",
    "EX01": "examples are for classes",
    "ES01": "a summary may say all there is",
    "RT02": "what is returned has a name, as in scikit-learn's docstrings",
    "SS06": "a summary may need two lines in front of a formula",
}
PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (skreg, skreg.inspection, skreg.model_selection, skreg.preprocessing)
    for name in package.__all__
    if callable(getattr(package, name))
}
ESTIMATORS = [
    skreg.MLPClassifier(max_iter=1, solver="lbfgs"),
    skreg.MLPRegressor(max_iter=1, solver="lbfgs"),
    skreg.HiddenLayerTransformer(skreg.MLPClassifier(max_iter=1, solver="lbfgs")),
    skreg.preprocessing.PiecewiseLinearEncoder(),
    skreg.preprocessing.SquashingScaler(),
    skreg.preprocessing.TableEncoder(),
    skreg.MLPClassifierCV(skreg.MLPClassifier(max_iter=1), cv=2),
    skreg.MLPRegressorCV(skreg.MLPRegressor(max_iter=1), cv=2),
]
NAMES = list(PUBLIC) + [
    f"{path}.{name}"
    for path, cls in PUBLIC.items()
    for name, member in inspect.getmembers(cls, callable)
    if not name.startswith("_") and member.__module__.startswith("skreg.")
]


@pytest.mark.parametrize("name", NAMES)
def test_numpydoc(name):
    errors = validate(name)["errors"]
    assert [error for error in errors if error[0] not in IGNORED] == []


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
def test_every_parameter_and_fitted_attribute_is_documented(estimator):
    docstring = inspect.getdoc(type(estimator))
    for name in estimator.get_params(deep=False):
        assert f"\n{name} : " in docstring
    X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    model = estimator.fit(X, y)
    for name in dir(model):
        # Old versions of scikit-learn list what is there for other settings only.
        if name.endswith("_") and not name.startswith("_") and hasattr(model, name):
            assert f"\n{name} : " in docstring, name


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert version("skreg") == skreg.__version__
