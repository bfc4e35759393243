"""What penalties go together with follows from their traits."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

from skreg import MLPClassifier, MLPRegressor
from skreg.estimators.strengths import STRENGTHS
from skreg.inspection import optimality
from skreg.nn.penalties import Penalty

X, Y = load_diabetes(return_X_y=True)
X, Y = scale(X)[:60], scale(Y)[:60]
SETTINGS = {"hidden_layer_sizes": (3,), "max_iter": 2, "random_state": 0}
ALL = pytest.mark.parametrize("name", STRENGTHS)
QUIET = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def made_up(**traits):
    """Return a penalty that does nothing and has these traits."""
    without_effect = {
        "__init__": lambda self, strength: None,
        "value": lambda self, w, total_weight=1.0: 0.0,
        "add_gradient": lambda self, w, out, total_weight=1.0: 0.0,
        "prox": lambda self, w, step: None,
        "min_norm_subgradient": lambda self, w, grad: grad,
        "strengths": 0.0,
    }
    return type("MadeUp", (Penalty,), without_effect | traits)


def test_every_strength_has_a_penalty_and_a_parameter():
    for Estimator in (MLPClassifier, MLPRegressor):
        assert STRENGTHS.keys() <= Estimator().get_params().keys()
    assert all(issubclass(strength.penalty, Penalty) for strength in STRENGTHS.values())


@ALL
@QUIET
def test_lbfgs_takes_what_is_smooth_or_splits(name):
    model = MLPRegressor(solver="lbfgs", **{name: 0.1}, **SETTINGS)
    penalty = STRENGTHS[name].penalty
    if penalty.is_smooth or penalty.splits:
        assert model.fit(X, Y).n_iter_ > 0
    else:
        with pytest.raises(ValueError, match=f"within bounds, which {name}=0.1 cannot be"):
            model.fit(X, Y)


@ALL
@QUIET
def test_certificates_take_what_is_certified(name):
    model = MLPRegressor(**{name: 0.1}, **SETTINGS).fit(X, Y)
    if STRENGTHS[name].penalty.is_certified:
        assert optimality(model, X, Y).distance > 0
    else:
        with pytest.raises(ValueError, match=f"There is no certificate for {name}=0.1"):
            optimality(model, X, Y)


@ALL
@QUIET
@pytest.mark.parametrize(
    ("traits", "is_for_lbfgs", "is_certified"),
    [
        ({}, False, True),
        ({"is_certified": False}, False, False),
        ({"splits": True}, True, True),
        ({"is_smooth": True}, True, True),
        ({"is_smooth": True, "is_certified": False}, True, False),
    ],
)
def test_refusals_follow_the_traits(monkeypatch, name, traits, is_for_lbfgs, is_certified):
    strength = STRENGTHS[name]._replace(penalty=made_up(**traits))
    if name == "group_lasso":
        strength = strength._replace(places=STRENGTHS["max_norm"].places)
    monkeypatch.setitem(STRENGTHS, name, strength)
    model = MLPRegressor(**{name: 0.1}, **SETTINGS).fit(X, Y)
    if is_certified:
        assert np.isfinite(optimality(model, X, Y).distance)
    else:
        with pytest.raises(ValueError, match=f"no certificate for {name}=0.1"):
            optimality(model, X, Y)
    model.set_params(solver="lbfgs")
    if is_for_lbfgs:
        assert model.fit(X, Y).n_iter_ > 0
    else:
        with pytest.raises(ValueError, match=f"{name}=0.1 cannot be brought to"):
            model.fit(X, Y)


def test_lbfgs_names_all_that_it_refuses_for_one_reason():
    model = MLPRegressor(solver="lbfgs", group_lasso=0.1, max_norm=2.0, weight_decay=0.3)
    with pytest.raises(ValueError) as error:
        model.fit(X, Y)
    for part in ("group_lasso=0.1", "max_norm=2.0", "weight_decay=0.3", " and "):
        assert part in str(error.value)


def test_clipping_is_not_for_lbfgs_but_certified():
    model = MLPRegressor(max_grad_norm=1.0, **SETTINGS).fit(X, Y)
    assert optimality(model, X, Y).distance > 0
    with pytest.raises(ValueError, match=r"could be clipped\. Got max_grad_norm=1\.0"):
        model.set_params(solver="lbfgs").fit(X, Y)
