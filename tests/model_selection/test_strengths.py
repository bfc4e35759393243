import numpy as np
import pytest

from skreg.model_selection.strengths import geometric, thinning


def test_strengths_are_as_far_apart_below_as_above_what_is_enough():
    found = geometric(2.0, 4, 1e-3)
    np.testing.assert_allclose(found, np.geomspace(2e-3, 2e3, 7), rtol=1e-7)
    with pytest.raises(ValueError, match="no scale for the strengths"):
        geometric(0.0, 4, 1e-3)


def test_strengths_thin_features_out_by_the_same_factor():
    strengths = np.array([0.1, 1.0, 10.0, 100.0])
    found = thinning(strengths, [64, 16, 4, 1], 7)
    np.testing.assert_allclose(found, np.geomspace(0.1, 100, 7))
    # What is left where nothing is, and features that come back, have no logarithm.
    found = thinning(strengths, [64, 4, 5, 0], 8)
    np.testing.assert_allclose(found[[0, 4, 7]], [0.1, 1.0, 100.0])
    assert (np.diff(found) > 0).all()
