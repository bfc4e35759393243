"""What is drawn of the first layer."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import scale

from skreg import MLPClassifier
from skreg.inspection import FeatureWeightsDisplay

X, Y = load_breast_cancer(return_X_y=True)
X = scale(X)


@pytest.fixture(scope="module")
def network():
    """A network that does not use all features."""
    network = MLPClassifier((8,), group_lasso=0.05, batch_size=32, random_state=0)
    network.set_params(max_iter=30).fit(X, Y)
    assert 5 < network.get_support().sum() < 20
    return network


def drawn(display):
    display.figure_.canvas.draw()
    names = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    return names, np.array([bar.get_width() for bar in display.bars_])


def test_bars_are_norms_of_rows_the_largest_at_the_top(pyplot, network):
    display = FeatureWeightsDisplay.from_estimator(network)
    names, lengths = drawn(display)
    norms = np.sqrt((network.coefs_[0] ** 2).sum(axis=1))
    np.testing.assert_allclose([norms[int(name[1:])] for name in names], lengths)
    np.testing.assert_allclose(lengths, np.sort(norms[norms > 0])[::-1])
    tops = [display.ax_.transData.transform((0, bar.get_y()))[1] for bar in display.bars_]
    assert (np.diff(tops) < 0).all()
    n_zeros = (norms == 0).sum()
    assert display.ax_.get_title() == f"{n_zeros} of 30 features are not used"
    assert display.ax_.get_xlabel() == "Norm of first-layer weights"


def test_the_largest_are_kept(pyplot, network):
    display = FeatureWeightsDisplay.from_estimator(network, max_features=4)
    names, lengths = drawn(display)
    expected = np.argsort(network.feature_importances_)[::-1][:4]
    assert names == [f"x{index}" for index in expected]
    np.testing.assert_array_equal(lengths, network.feature_importances_[expected])
    assert display.ax_.get_title().startswith("The 4 largest of 30 features\n")
    dense = MLPClassifier((8,), max_iter=1, random_state=0).fit(X, Y)
    assert len(drawn(FeatureWeightsDisplay.from_estimator(dense))[0]) == 20
    every = FeatureWeightsDisplay.from_estimator(dense, max_features=None)
    assert len(drawn(every)[0]) == 30
    assert every.ax_.get_title() == ""


def test_names(pyplot, network):
    given = [f"feature {number}" for number in range(30)]
    names, _ = drawn(FeatureWeightsDisplay.from_estimator(network, feature_names=given))
    assert names[0] == f"feature {np.argmax(network.feature_importances_)}"
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X).add_prefix("column_")
    named = MLPClassifier((8,), max_iter=5, random_state=0).fit(frame, Y)
    names, _ = drawn(FeatureWeightsDisplay.from_estimator(named))
    assert names[0] == f"column_{np.argmax(named.feature_importances_)}"


LONG = [f"onehotencoder__payment_method_{k:02d} and then some more words" for k in range(30)]


@pytest.mark.parametrize("n_panels", [0, 1, 2])
def test_long_names_leave_room_for_the_bars(pyplot, n_panels):
    importances = np.linspace(1, 2, 30)
    axes = [None]
    if n_panels:
        size = 6 * n_panels, 5
        _, axes = pyplot.subplots(
            1, n_panels, figsize=size, layout="constrained", squeeze=False
        )
        axes = axes[0]
    for ax in axes:
        display = FeatureWeightsDisplay(importances=importances, feature_names=LONG).plot(ax=ax)
    display.figure_.canvas.draw()
    ax = display.ax_
    share = ax.get_window_extent().width / display.figure_.bbox.width * max(1, n_panels)
    assert share > 0.5
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(set(labels)) == 20
    assert all(label.startswith("payment_method_") for label in labels)
    assert min(label.get_window_extent().x0 for label in ax.get_yticklabels()) >= 0


def test_a_pruned_network_is_drawn_alike(pyplot, network):
    names, lengths = drawn(FeatureWeightsDisplay.from_estimator(network))
    pruned = FeatureWeightsDisplay.from_estimator(network.prune().sparsify())
    assert drawn(pruned)[0] == names
    np.testing.assert_allclose(drawn(pruned)[1], lengths)


def test_nothing_is_used(pyplot):
    display = FeatureWeightsDisplay(importances=np.zeros(3), feature_names=["a", "b", "c"])
    assert drawn(display.plot())[0] == []
    assert display.ax_.get_title() == "3 of 3 features are not used"


def test_ax_and_settings_are_passed_on(pyplot, network):
    figure, ax = pyplot.subplots()
    display = FeatureWeightsDisplay.from_estimator(network, ax=ax, color="k")
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert {bar.get_facecolor() for bar in display.bars_} == {(0, 0, 0, 1)}
    assert display.plot() is display
    assert display.ax_ is not ax


@pytest.mark.parametrize("n_names", [0, 29, 31])
def test_the_wrong_number_of_names(pyplot, network, n_names):
    with pytest.raises(ValueError, match=rf"has {n_names} name\(s\) for 30 feature\(s\)"):
        FeatureWeightsDisplay.from_estimator(network, feature_names=["x"] * n_names)


@pytest.mark.parametrize("max_features", [0, -1, 2.0, "all"])
def test_the_number_of_bars_is_checked(pyplot, network, max_features):
    with pytest.raises(ValueError, match=f"max_features must be .* Got {max_features!r}"):
        FeatureWeightsDisplay.from_estimator(network, max_features=max_features)


def test_what_is_no_fitted_network(pyplot, network):
    with pytest.raises(NotFittedError):
        FeatureWeightsDisplay.from_estimator(MLPClassifier())
    with pytest.raises(ValueError, match="not a Pipeline"):
        FeatureWeightsDisplay.from_estimator(make_pipeline(network))


def test_matplotlib_is_missing(monkeypatch, network):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="FeatureWeightsDisplay requires matplotlib"):
        FeatureWeightsDisplay.from_estimator(network)
