import numpy as np
import pytest
from numerical import directional_derivative
from scipy import sparse

from skreg.nn.activations import ACTIVATIONS
from skreg.nn.layers import Dense, Dropout
from skreg.nn.parameters import bind


def dense(rng):
    layer = Dense(4, 3)
    bind([layer], [rng.standard_normal((4, 3))], [rng.standard_normal(3)])
    bind([layer], [np.empty((4, 3))], [np.empty(3)], "_grad")
    return layer


LAYERS = {
    "dense": dense,
    "dropout": lambda rng: Dropout(0.4),
} | {name: lambda rng, f=f: f() for name, f in ACTIVATIONS.items() if f is not None}
ALL = pytest.mark.parametrize("name", LAYERS)


def generator():
    return np.random.Generator(np.random.SFC64(5))


@ALL
@pytest.mark.parametrize("n_rows", [1, 7])
def test_input_gradients(name, n_rows, rng):
    layer, x = LAYERS[name](rng), rng.standard_normal((n_rows, 4))
    v = rng.standard_normal(layer.forward(x, generator()).shape)
    for _ in range(5):
        u = rng.standard_normal(x.shape)
        numerical = directional_derivative(
            lambda: np.vdot(v, layer.forward(x, generator())), x, u
        )
        layer.forward(x, generator())
        analytic = np.vdot(layer.input_gradient(v.copy()), u)
        np.testing.assert_allclose(analytic, numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("layout", [np.asarray, sparse.csr_array])
def test_parameter_gradients_of_dense(layout, rng):
    layer, x = dense(rng), layout(rng.standard_normal((7, 4)))
    v = rng.standard_normal((7, 3))
    for theta, grad in [(layer.weight, layer.weight_grad), (layer.bias, layer.bias_grad)]:
        u = rng.standard_normal(theta.shape)
        numerical = directional_derivative(lambda: np.vdot(v, layer.forward(x)), theta, u)
        layer.forward(x)
        layer.param_gradient(v)
        np.testing.assert_allclose(np.vdot(grad, u), numerical, rtol=1e-6)


@ALL
def test_forward_leaves_its_input_alone(name, rng):
    x = rng.standard_normal((5, 4))
    before = x.copy()
    LAYERS[name](rng).forward(x, generator())
    np.testing.assert_array_equal(x, before)


@ALL
def test_memory_is_reused_for_fewer_rows(name, rng):
    layer, x = LAYERS[name](rng), rng.standard_normal((6, 4))
    large = layer.forward(x, generator())
    small = layer.forward(x[:2], generator())
    assert np.shares_memory(large, small)


def test_dropout_without_a_generator_is_the_identity(rng):
    x = rng.standard_normal((5, 4))
    assert Dropout(0.5).forward(x) is x


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.2, 0.5, 0.9, 0.99])
def test_dropout_drops_the_rate_and_keeps_the_expectation(rate):
    x, layer, n_values = np.ones((1000, 1000)), Dropout(rate), 10**6
    out = layer.forward(x, generator())
    kept = out != 0
    assert abs((~kept).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / n_values)
    # Kept values are divided by the probability to keep, up to its 16 bits.
    np.testing.assert_allclose(out[kept], 1 / (1 - rate), rtol=2.0**-16 / (1 - rate))
    # A mask per sample and per unit: neither rows nor columns go together.
    assert kept.mean(axis=0).std() == pytest.approx(np.sqrt(rate * (1 - rate) / 1000), rel=0.15)
    assert kept.mean(axis=1).std() == pytest.approx(np.sqrt(rate * (1 - rate) / 1000), rel=0.15)


def test_masks_follow_the_generator(rng):
    x, layer, masks = np.ones((50, 8)), Dropout(0.5), generator()
    first = layer.forward(x, masks).copy()
    second = layer.forward(x, masks).copy()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer.forward(x, generator()), first)


def test_dropout_of_sparse_data_acts_on_stored_values(rng):
    x = sparse.random(200, 50, 0.3, format="csr", random_state=0)
    before = x.copy()
    out = Dropout(0.25).forward(x, generator())
    assert out.format == "csr"
    assert np.shares_memory(out.indices, x.indices)
    kept = out.data != 0
    assert 0.2 < (~kept).mean() < 0.3
    np.testing.assert_allclose(out.data[kept], x.data[kept] / 0.75)
    assert (x != before).nnz == 0


def test_rates_close_to_one_stay_finite():
    out = Dropout(1 - 1e-12).forward(np.ones((500, 500)), generator())
    assert np.isfinite(out).all()
