import numpy as np
import pytest

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.arrays import Buffer


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"identity"}))
def test_activations_may_take_over_the_memory_of_their_input(name, rng):
    memory = Buffer()
    x, delta = memory.take((5, 4), np.dtype(float)), rng.standard_normal((5, 4))
    x[...] = rng.standard_normal((5, 4))
    apart, together = ACTIVATIONS[name](), ACTIVATIONS[name](memory)
    out = apart.forward(x.copy()).copy()
    np.testing.assert_array_equal(together.forward(x), out)
    np.testing.assert_array_equal(
        together.input_gradient(delta.copy()), apart.input_gradient(delta.copy())
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_rectifier_passes_gradients_of_positive_outputs_alone(dtype, rng):
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    x = np.array([[1, tiny, huge, np.inf, 0, -0.0, -tiny, -1, -np.inf]], dtype)
    for delta in (1, -1, tiny, -tiny, huge, -huge, 0.0, np.pi):
        relu = ACTIVATIONS["relu"]()
        relu.forward(x)
        deltas = np.full_like(x, delta)
        expected = np.where(x > 0, deltas, 0)
        np.testing.assert_array_equal(relu.input_gradient(deltas), expected)
    x = rng.standard_normal((40, 30)).astype(dtype)
    deltas = rng.standard_normal(x.shape).astype(dtype)
    expected = np.where(relu.forward(x) > 0, deltas, 0)
    np.testing.assert_array_equal(relu.input_gradient(deltas), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_rectifier_passes_nothing_where_its_output_is_minus_zero(dtype):
    relu = ACTIVATIONS["relu"]()
    relu.forward(np.ones((2, 2), dtype))[...] = -0.0
    np.testing.assert_array_equal(relu.input_gradient(np.full((2, 2), 0.3, dtype)), 0)
