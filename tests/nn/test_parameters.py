import numpy as np
import pytest

from skreg.nn.parameters import Parameters, dtype_of


def test_parameters_are_views_weights_first():
    params = Parameters((3, 4, 2), np.arange(26.0))
    assert [weight.shape for weight in params.weights] == [(3, 4), (4, 2)]
    assert [bias.shape for bias in params.biases] == [(4,), (2,)]
    flat = [array.ravel() for array in params.weights + params.biases]
    np.testing.assert_array_equal(np.concatenate(flat), params.vector)
    params.weights[1][0, 0] = -1
    assert params.vector[12] == -1
    np.testing.assert_array_equal(
        params.vector[params.weight_slices[1]], params.weights[1].ravel()
    )


def test_packing_copies(rng):
    weights, biases = [rng.random((3, 2)), rng.random((2, 1))], [rng.random(2), rng.random(1)]
    params = Parameters.pack(weights, biases, np.float32)
    assert params.layer_units == (3, 2, 1)
    assert params.vector.dtype == np.float32
    for packed, array in zip(params.weights + params.biases, weights + biases, strict=True):
        np.testing.assert_array_equal(packed, array.astype(np.float32))
        assert not np.shares_memory(packed, array)


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        ("ff", np.float32),
        ("fd", np.float64),
        ("ef", np.float32),
        ("g", np.float64),
        ("fi", np.float64),
        ("?", np.float32),
    ],
)
def test_computing_is_in_one_of_two_precisions(dtypes, expected):
    assert dtype_of([np.ones(2, dtype) for dtype in dtypes]) == expected
