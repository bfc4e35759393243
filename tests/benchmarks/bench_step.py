"""Where the time of a training step goes, in microseconds, on one thread.

    python tests/benchmarks/bench_step.py
    python tests/benchmarks/bench_step.py mid big

The parts of a step with Adam, each called again and again on the same minibatch, beside the
time of its matrix products alone, and of all its calls of NumPy, SciPy and BLAS alone: one
after the other, with their arguments lying ready. A step that is made of such calls cannot
be faster. Below, the passes of Adam over as many values, in blocks as the optimizer takes
them.
"""

import argparse
import time
from functools import partial
from itertools import pairwise

import numpy as np
from bench_speed import products
from scipy.special import expit, log_expit
from shapes import SHAPES
from threadpoolctl import threadpool_limits
from timing import machine

from skreg.nn.architecture import dense, dense_network
from skreg.nn.arrays import axpy, cache_blocks, scale
from skreg.nn.data import Data
from skreg.nn.initializers import uniform
from skreg.nn.log_losses import BinaryLogLoss
from skreg.nn.objective import Objective
from skreg.nn.optimizers import Adam
from skreg.nn.parameters import Parameters
from skreg.nn.penalties import L2PerSample
from skreg.nn.regularizer import Regularizer, by_weight


def microseconds(function, n_seconds=0.2, n_runs=5):
    """Time of a call: the best of several runs of many calls."""
    start = time.perf_counter()
    function()
    n_calls = max(3, int(n_seconds / n_runs / (time.perf_counter() - start)))
    best = np.inf
    for _ in range(n_runs):
        start = time.perf_counter()
        for _ in range(n_calls):
            function()
        best = min(best, (time.perf_counter() - start) / n_calls)
    return 1e6 * best


def parts(shape, dtype):
    """Return the parts of a step by name, as functions of no arguments."""
    X, y = shape.data(dtype)
    params = Parameters.of(dense((shape.n_features, *shape.hidden, 1)), dtype=dtype)
    uniform(params, np.random.RandomState(0))
    grads = params.like(np.zeros_like(params.vector))
    network = dense_network(params.weights, params.biases, grads=grads)
    regularizer = Regularizer(by_weight(L2PerSample, 1e-4, params))
    objective = Objective(params, grads, network, BinaryLogLoss(), regularizer)
    batch = Data(X, y[:, np.newaxis].astype(dtype)).take(slice(0, shape.batch_size))
    adam = Adam(1e-9)
    adam.init(objective.theta)
    theta, gradient = objective.theta, objective.gradient

    def update():
        adam.begin(theta)
        for block in adam.blocks:
            objective.add_smooth(batch.total_weight, block)
            adam.update(theta, gradient, block)
            objective.prox(adam.step_size_in, block)

    def products_alone():
        for product, a, b, out in lined_up:
            product(a, b, out=out)

    def step():
        objective.loss_and_gradient(batch)
        update()

    units = shape.n_features, *shape.hidden, 1
    lined_up = products(units, shape.batch_size, dtype)
    return {
        "forward": lambda: network.forward(batch.X),
        "all but update": lambda: objective.loss_and_gradient(batch),
        "products alone": products_alone,
        "update": update,
        "step": step,
        "its calls alone": calls_alone(shape, dtype),
    }


def calls_alone(shape, dtype):
    """Return all calls of a step in a row, as a function of no arguments."""
    rng = np.random.default_rng(0)
    params = Parameters.of(dense((shape.n_features, *shape.hidden, 1)), dtype=dtype)
    params.vector[:] = 0.1 * rng.standard_normal(len(params.vector))
    grads = params.like(np.zeros_like(params.vector))
    x = rng.standard_normal((shape.batch_size, shape.n_features)).astype(dtype)
    y = rng.integers(0, 2, (shape.batch_size, 1)).astype(dtype)
    inputs, calls = [], []
    for weight, bias in zip(params.weights, params.biases, strict=True):
        inputs.append(x)
        out = np.empty((shape.batch_size, len(bias)), dtype)
        calls += [partial(x.dot, weight, out), partial(np.add, out, bias, out)]
        if weight is not params.weights[-1]:
            calls.append(partial(np.maximum, out, np.zeros_like(out), out=out))
        x = out
    delta = np.empty_like(x)
    calls += loss_calls(y, x, delta)
    ones = np.ones(shape.batch_size, dtype)
    for k, x in reversed(list(enumerate(inputs))):
        calls += [partial(x.T.dot, delta, grads.weights[k])]
        calls += [partial(ones.dot, delta, grads.biases[k])]
        if k > 0:
            below = np.empty_like(x)
            product = np.multiply if delta.shape[1] == 1 else np.matmul
            calls += [
                partial(product, delta, params.weights[k].T, below),
                partial(np.minimum, bits(x), np.ones_like(bits(x)), out=bits(x)),
                partial(np.multiply, bits(below), bits(x), bits(below)),
            ]
            delta = below
    calls += update_calls(params, grads)

    def run():
        for call in calls:
            call()

    return run


def bits(x):
    """Return floats as integers of their size."""
    return x.view(f"i{x.itemsize}")


def loss_calls(y, raw, delta):
    """Return the calls of `BinaryLogLoss`, which leave its gradient in ``delta``."""
    return [
        partial(np.multiply, y, raw, delta),
        partial(np.add, delta, delta, delta),
        partial(np.subtract, delta, raw, delta),
        partial(log_expit, delta, delta),
        partial(np.add.reduce, delta, axis=None),
        partial(expit, raw, delta),
        partial(np.subtract, delta, y, delta),
        partial(scale, 1 / len(delta), delta.reshape(-1)),
    ]


def update_calls(params, grads):
    """Return the calls of ``alpha`` and `Adam`, block by block."""
    calls = []
    moments = np.zeros((2, len(params.vector)), params.vector.dtype)
    for block in cache_blocks(0, len(params.vector), params.vector.itemsize):
        theta, grad = params.vector[block], grads.vector[block]
        (m, v), scratch = moments[:, block], np.empty_like(theta)
        calls += [
            partial(theta.dot, theta),
            partial(axpy, 1e-9, theta, grad),
            partial(np.multiply, grad, grad, scratch),
            partial(axpy, 0.1, grad, m),
            partial(axpy, 0.001, scratch, v),
            partial(np.sqrt, v, scratch),
            partial(np.add, scratch, np.array(1e-8, scratch.dtype), scratch),
            partial(np.divide, m, scratch, scratch),
            partial(axpy, -1e-9, scratch, theta),
        ]
    return calls


def passes(n_values, dtype):
    """Return the passes of Adam over so many values by name."""
    x, y, out = np.random.default_rng(0).uniform(0.5, 1, (3, n_values)).astype(dtype)
    blocks = cache_blocks(0, n_values, x.itemsize)

    def over_blocks(function):
        return lambda: [function(x[block], y[block], out[block]) for block in blocks]

    return {
        "sqrt": over_blocks(lambda x, y, out: np.sqrt(x, out=out)),
        "divide": over_blocks(lambda x, y, out: np.divide(x, y, out=out)),
        "square": over_blocks(lambda x, y, out: np.multiply(x, x, out=out)),
        "add": over_blocks(lambda x, y, out: axpy(1e-9, x, out)),
        "scale": over_blocks(lambda x, y, out: scale(0.9999, out)),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    dense = [name for name, shape in SHAPES.items() if not shape.is_sparse]
    parser.add_argument("shapes", nargs="*", default=dense, help=f"of {', '.join(dense)}")
    options = parser.parse_args()
    print(machine())
    with threadpool_limits(1):
        for name in options.shapes:
            for dtype in ("float64", "float32"):
                functions = parts(SHAPES[name], np.dtype(dtype))
                times = {key: microseconds(one) for key, one in functions.items()}
                print(f"\n{name}, {dtype}: a step")
                print("  " + ", ".join(f"{key} {us:,.1f}" for key, us in times.items()))
                units = SHAPES[name].n_features, *SHAPES[name].hidden, 1
                n_values = sum((n_in + 1) * n_out for n_in, n_out in pairwise(units))
                times = {k: microseconds(one) for k, one in passes(n_values, dtype).items()}
                print(f"  passes over {n_values:,} parameters: ", end="")
                print(", ".join(f"{key} {us:,.1f}" for key, us in times.items()))


if __name__ == "__main__":
    main()
