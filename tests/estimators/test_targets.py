import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from skreg import MLPClassifier, MLPRegressor, MLPRegressorCV
from skreg.estimators.real_target import RealTarget
from skreg.estimators.targets import new_target

CLASSIFICATION = {
    "binary": np.array(["no", "yes"] * 20),
    "one class": np.array(["only"] * 40),
    "multiclass": np.array([3, 5, 9, 5] * 10),
    "multilabel": np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0]] * 10),
}
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


@pytest.mark.parametrize("kind", CLASSIFICATION)
@WEIGHTED
def test_the_score_of_classes_is_scikit_learns_accuracy(kind, weighted, rng):
    y = CLASSIFICATION[kind]
    target = new_target(MLPClassifier(), y)
    raw = rng.standard_normal((40, target.n_outputs))
    weight = rng.uniform(0, 2, 40) if weighted else None
    score = target.score(target.encode(y, raw.dtype), raw, weight)
    expected = accuracy_score(y, target.decode(raw), sample_weight=weight)
    assert score == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "loss", ["squared_error", "absolute_error", "huber", "quantile", "poisson", "gamma"]
)
@pytest.mark.parametrize("n_outputs", [1, 3])
@WEIGHTED
def test_the_score_of_real_numbers_is_scikit_learns_r2(loss, n_outputs, weighted, rng):
    y = 1 + rng.poisson(3.0, (40, n_outputs)).astype(float).squeeze()
    target = RealTarget(y, loss)
    raw = rng.standard_normal((40, n_outputs))
    weight = rng.uniform(0, 2, 40) if weighted else None
    expected = r2_score(y, target.decode(raw.copy()), sample_weight=weight)
    score = target.score(target.encode(y, raw.dtype), raw, weight)
    assert score == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", [int, np.uint8, np.float32])
def test_the_delta_may_be_any_number(kind):
    # Of an unsigned 2 the negative would be 254.
    y, raw = np.zeros((2, 1)), np.array([[-5.0], [5.0]])
    out = np.empty_like(raw)
    value = RealTarget(y, "huber", huber_delta=kind(2)).loss.value_and_gradient(y, raw, out)
    assert value == 2 * (5 - 1)
    np.testing.assert_array_equal(out, [[-1], [1]])


@pytest.mark.parametrize("kind", ["datetime64[D]", "datetime64[ns]", "timedelta64[s]"])
@pytest.mark.parametrize("Estimator", [MLPRegressor, MLPRegressorCV])
def test_dates_and_durations_are_no_targets(Estimator, kind):
    y = np.arange(60).astype(kind)
    X = np.arange(120.0).reshape(60, 2)
    for target in (y, np.r_[y[:-1], np.array(["NaT"], kind)]):
        with pytest.raises(ValueError, match="y holds dates or durations"):
            Estimator().fit(X, target)
