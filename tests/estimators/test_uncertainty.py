"""Draws by dropout at prediction, through the estimators."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skreg import MLPClassifier, MLPRegressor

SETTINGS = {"hidden_layer_sizes": (20, 10), "max_iter": 20, "random_state": 0}
DROPOUT = {"dropout": [0.3, 0.2], "input_dropout": 0.1}


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


@pytest.fixture(scope="module")
def regressor():
    return MLPRegressor(**SETTINGS, **DROPOUT).fit(*diabetes())


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_input_dropout_of_a_linear_model_has_its_variance_in_closed_form(rate):
    X, y = diabetes()
    model = MLPRegressor((), input_dropout=rate, max_iter=20, random_state=0).fit(X, y)
    _, std = model.predict(X, return_std=True, n_draws=5000, random_state=0)
    # Var(sum_j w_j x_j m_j) with Var(m_j) = rate / (1 - rate)
    variance = X**2 @ model.coefs_[0].ravel() ** 2 * rate / (1 - rate)
    # Seen over seeds 0 to 5: 5.5 % at most.
    np.testing.assert_allclose(std, np.sqrt(variance), rtol=0.12)


def test_each_rate_has_its_layer():
    X, y = diabetes()
    below, rate = MLPRegressor((20, 10), max_iter=20, random_state=0).fit(X, y), 0.4
    h = np.maximum(X @ below.coefs_[0] + below.intercepts_[0], 0)
    h = np.maximum(h @ below.coefs_[1] + below.intercepts_[1], 0)
    variance = h**2 @ below.coefs_[2].ravel() ** 2 * rate / (1 - rate)
    below.set_params(dropout=[0.0, rate])
    _, std = below.predict(X, return_std=True, n_draws=5000, random_state=0)
    np.testing.assert_allclose(std, np.sqrt(variance), rtol=0.12)
    below.set_params(dropout=0.0, input_dropout=rate)
    _, std = below.predict(np.r_[np.zeros((1, 10)), X], return_std=True)
    assert std[0] == 0 < std[1:].min()


def test_the_standard_deviation_is_that_of_the_samples(regressor):
    X, _ = diabetes()
    mean, std = regressor.predict(X, return_std=True, n_draws=30, random_state=5)
    samples = regressor.sample_y(X, 30, random_state=5)
    np.testing.assert_array_equal(mean, regressor.predict(X))
    np.testing.assert_allclose(std, samples.std(axis=-1, ddof=1), rtol=1e-8)


@pytest.mark.parametrize("n_targets", [None, 1, 3])
def test_shapes_are_those_of_the_gaussian_process(n_targets):
    X, y = diabetes()
    Y = y if n_targets is None else np.stack([y + k * X[:, 2] for k in range(n_targets)], 1)
    ours = MLPRegressor(dropout=0.2, max_iter=2).fit(X[:50], Y[:50].squeeze())
    theirs = GaussianProcessRegressor(alpha=0.1).fit(X[:50], Y[:50].squeeze())
    for one, other in zip(
        ours.predict(X, return_std=True), theirs.predict(X, return_std=True), strict=True
    ):
        assert one.shape == other.shape
    for n_samples in (1, 4):
        assert ours.sample_y(X, n_samples).shape == theirs.sample_y(X, n_samples).shape
    np.testing.assert_array_equal(ours.sample_y(X), ours.sample_y(X))


def test_poisson_draws_are_on_the_scale_of_the_targets():
    X, y = diabetes()
    model = MLPRegressor(loss="poisson", dropout=0.2, max_iter=5).fit(X, np.exp(y))
    assert model.sample_y(X, 5).min() > 0


def multilabel():
    return make_multilabel_classification(100, 10, n_classes=4, random_state=0)


@pytest.mark.parametrize(
    ("data", "n_classes"),
    [
        (lambda: load_iris(return_X_y=True), 3),
        (lambda: (load_iris().data[:100], load_iris().target[:100]), 2),
        (multilabel, 4),
    ],
    ids=["multiclass", "binary", "multilabel"],
)
def test_sampled_probabilities(data, n_classes):
    X, y = data()
    model = MLPClassifier(**SETTINGS, dropout=0.2).fit(X, y)
    draws = model.sample_proba(X, n_samples=7)
    assert draws.shape == (7, len(X), n_classes)
    assert draws.min() >= 0
    assert draws.std(axis=0).min() > 0
    if n_classes < 4:
        np.testing.assert_allclose(draws.sum(axis=2), 1)
    assert model.sample_proba(X).shape == (100, len(X), n_classes)


def logit(p):
    return np.log(p) - np.log1p(-p)


def centred_log(p):
    return np.log(p) - np.log(p).mean(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("data", "link"),
    [(lambda: load_iris(return_X_y=True), centred_log), (multilabel, logit)],
    ids=["multiclass", "multilabel"],
)
def test_the_mean_of_linear_draws_is_the_plain_prediction_in_link_space(data, link):
    X, y = data()
    model = MLPClassifier(**SETTINGS, activation="identity", dropout=0.2).fit(scale(X), y)
    draws = link(model.sample_proba(scale(X), 4000, random_state=0))
    error = (draws.mean(axis=0) - link(model.predict_proba(scale(X)))) / draws.std(axis=0)
    assert np.abs(error).max() < 5 / np.sqrt(4000)


def test_random_state(regressor):
    X, _ = diabetes()

    def std(random_state):
        return regressor.predict(X, return_std=True, n_draws=5, random_state=random_state)[1]

    np.testing.assert_array_equal(std(3), std(3))
    assert not np.array_equal(std(3), std(4))
    assert not np.array_equal(std(None), std(None))
    state = np.random.RandomState(3)
    np.testing.assert_array_equal(std(state), std(3))
    assert not np.array_equal(std(state), std(3))


def test_a_draw_does_not_depend_on_the_other_rows(regressor):
    X, _ = diabetes()
    samples = regressor.sample_y(X, 5, random_state=1)
    np.testing.assert_allclose(
        regressor.sample_y(X[100:103], 5, random_state=1), samples[100:103], rtol=1e-9
    )
    many = np.tile(X, (60, 1))  # two blocks of rows
    np.testing.assert_allclose(
        regressor.sample_y(many, 5, random_state=1)[-len(X) :], samples, rtol=1e-9
    )


@pytest.mark.parametrize("layout", [sparse.csr_array, sparse.csc_matrix])
def test_sparse_data_and_weights_have_the_same_draws(layout):
    X, y = diabetes()
    X = np.where(X > 0, X, 0)
    model = MLPRegressor(**SETTINGS, **DROPOUT).fit(layout(X), y)
    dense = model.sample_y(X, 5)
    np.testing.assert_allclose(model.sample_y(layout(X), 5), dense, rtol=1e-9)
    np.testing.assert_allclose(model.sparsify().sample_y(layout(X), 5), dense, rtol=1e-9)


def test_precision_is_that_of_the_weights():
    X, y = diabetes()
    model = MLPRegressor(**SETTINGS, **DROPOUT, dtype="float32").fit(X, y)
    _, std = model.predict(X, return_std=True)
    assert std.dtype == model.sample_y(X).dtype == np.float32


def test_a_pruned_model_draws_from_what_is_left(regressor):
    X, y = diabetes()
    model = MLPRegressor(**SETTINGS, **DROPOUT).fit(X, y)
    model.coefs_[0][[2, 5]] = 0  # features that nobody reads
    model.coefs_[1][:4] = 0  # units that nobody reads
    pruned = model.prune()
    assert [len(weight) for weight in pruned.coefs_] == [8, 16, 10]
    _, std = model.predict(X, return_std=True, n_draws=4000, random_state=0)
    _, of_pruned = pruned.predict(X, return_std=True, n_draws=4000, random_state=0)
    np.testing.assert_allclose(of_pruned, std, rtol=0.12)


def test_pipelines_pass_it_on():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPRegressor(**SETTINGS, **DROPOUT)).fit(X, y)
    mean, std = model.predict(X, return_std=True, n_draws=10, random_state=0)
    np.testing.assert_array_equal(mean, model.predict(X))
    assert std.shape == mean.shape
    assert std.min() > 0


@pytest.mark.parametrize("activation", ["relu", "silu"])
@pytest.mark.parametrize("seed", range(3))
def test_uncertainty_grows_away_from_the_data(activation, seed):
    X_train, X_test, y_train, _ = train_test_split(*diabetes(), random_state=seed)
    model = MLPRegressor(
        (50, 50), activation, dropout=0.2, max_iter=100, random_state=seed
    ).fit(X_train, y_train)

    def std(X):
        return model.predict(X, return_std=True, n_draws=200, random_state=0)[1]

    distance = pairwise_distances(X_test, X_train).min(axis=1)
    rank = np.argsort(np.argsort(distance)), np.argsort(np.argsort(std(X_test)))
    # Seen over seeds 0 to 5: .36 to .64, and 1.8 to 2.3.
    assert np.corrcoef(*rank)[0, 1] > 0.25
    assert std(2 * X_test).mean() > 1.4 * std(X_test).mean()


def test_memory_is_that_of_a_block_and_the_result():
    tracemalloc = pytest.importorskip("tracemalloc")
    rng = np.random.default_rng(0)
    X = rng.standard_normal((50_000, 10))
    model = MLPRegressor((200,), dropout=0.5, max_iter=2).fit(X[:500], X[:500, 0])
    tracemalloc.start()
    try:
        model.predict(X, return_std=True, n_draws=20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Several arrays of the size of the result, where the draws would take twenty, and a
    # block of rows: not the output of the hidden units for all rows.
    assert peak < 10 * 50_000 * 8 + 3 * 2**18 * 8 < 0.2 * 50_000 * 200 * 8


def draws(model, X, **kwargs):
    if isinstance(model, MLPClassifier):
        return model.sample_proba(X, **kwargs)
    return model.sample_y(X, **kwargs)


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize(
    "params", [{}, {"dropout": [0.0]}, {"hidden_layer_sizes": (), "dropout": 0.5}]
)
def test_models_without_dropout_are_refused(Estimator, params):
    X, y = load_iris(return_X_y=True)
    model = Estimator(**{"hidden_layer_sizes": (5,), "max_iter": 2, **params}).fit(X, y)
    message = "drops nothing: it has dropout=.*, input_dropout=0.0 and . hidden layer"
    with pytest.raises(ValueError, match=message):
        draws(model, X)
    if Estimator is MLPRegressor:
        with pytest.raises(ValueError, match=message):
            model.predict(X, return_std=True)


@pytest.mark.parametrize("Estimator", [MLPClassifier, MLPRegressor])
def test_bad_arguments(Estimator):
    X, y = load_iris(return_X_y=True)
    model = Estimator((5,), dropout=0.5, max_iter=2)
    with pytest.raises(NotFittedError):
        draws(model, X)
    model.fit(X, y)
    for n_samples in (0, 2.5, True, None):
        with pytest.raises(ValueError, match=rf"n_samples must be.* Got {n_samples!r}"):
            draws(model, X, n_samples=n_samples)
    with pytest.raises(ValueError, match="X has 3 features"):
        draws(model, X[:, :3])
    with pytest.raises(ValueError, match="cannot be used to seed"):
        draws(model, X, random_state="today")
    with pytest.raises(ValueError, match="dropout has 2 value"):
        draws(model.set_params(dropout=[0.1, 0.2]), X)
    with pytest.raises(ValueError, match="'dropout' parameter"):
        draws(model.set_params(dropout=1.5), X)


def test_a_standard_deviation_needs_two_draws(regressor):
    X, _ = diabetes()
    with pytest.raises(ValueError, match=r"n_draws must be an int in the range \[2, inf\)"):
        regressor.predict(X, return_std=True, n_draws=1)
    with pytest.raises(NotFittedError):
        MLPRegressor(dropout=0.5).predict(X, return_std=True)
