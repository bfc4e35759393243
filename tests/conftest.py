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
