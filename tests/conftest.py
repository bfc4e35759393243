"""Fixtures for all tests."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    """A generator with the same seed for every test."""
    return np.random.default_rng(0)


@pytest.fixture
def global_random_seed():
    """The fixture of this name that scikit-learn's own tests ask for."""
    return 42


@pytest.fixture
def pyplot():
    """Matplotlib without a screen; its figures are closed afterwards."""
    pytest.importorskip("matplotlib").use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")
