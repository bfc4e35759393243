import numpy as np
import pytest

from skreg.model_selection.strengths import geometric, thinning
from skreg.model_selection.walking import gradual


def test_strengths_are_as_far_apart_below_as_above_what_is_enough():
    found = geometric(2.0, 4, 1e-3)
    np.testing.assert_allclose(found, np.geomspace(2e-3, 2e3, 7), rtol=1e-7)
    with pytest.raises(ValueError, match="no scale for the strengths"):
        geometric(0.0, 4, 1e-3)


def test_strengths_thin_features_out_by_the_same_factor():
    strengths = np.array([0.1, 1.0, 10.0, 100.0])
    found = thinning(strengths, [64, 16, 4, 1], 7)
    # The first has some to spare.
    expected = [0.05, np.sqrt(0.05), 1, np.sqrt(10), 10, np.sqrt(1000), 100]
    np.testing.assert_allclose(found, expected)
    # Features that come back have no logarithm.
    found = thinning(strengths, [64, 4, 5, 0], 5)
    np.testing.assert_allclose(found[[0, 4]], [0.05, 100.0])
    assert (np.diff(found) > 0).all()


def test_one_strength_alone_is_for_nothing():
    strengths = np.array([0.1, 1.0, 10.0, 100.0])
    found = thinning(strengths, [8, 4, 1, 0], 10)
    np.testing.assert_allclose(found[[0, 8, 9]], [0.05, 10.0, 100.0])
    # From all to none in one step, most strengths are below the step.
    found = thinning(strengths, [2, 2, 2, 0], 10)
    assert np.count_nonzero(found < 10.0 * np.sqrt(10)) == 9


def test_no_strength_comes_at_once():
    found = gradual([0.0, 1.0, 1.5, 30.0], 0.01)
    assert {0.0, 0.01, 1.0, 1.5, 30.0} <= set(found)
    positive = np.array(found[1:])
    ratios = positive[1:] / positive[:-1]
    assert (ratios > 1).all()
    assert (ratios <= 1.64).all()
    assert gradual([0.5, 0.6], 1.0) == [0.5, 0.6]
    assert gradual([0.0], 1.0) == [0.0]
