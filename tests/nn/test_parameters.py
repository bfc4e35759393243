import numpy as np
import pytest
from scipy import sparse

from skreg.nn.layers import Layer
from skreg.nn.parameters import Block, Parameters, bind, dtype_of

# As a recurrent layer and a dense one would declare them.
BLOCKS = [
    Block("read", (3, 4)),
    Block("carry", (4, 4)),
    Block("start", (4,)),
    Block("gain", (5,)),
    Block("weight", (4, 2)),
    Block("bias", (2,)),
]


def test_parameters_are_views_weights_first():
    params = Parameters(BLOCKS, np.arange(47.0))
    assert [weight.shape for weight in params.weights] == [(3, 4), (4, 4), (4, 2)]
    assert [bias.shape for bias in params.biases] == [(4,), (5,), (2,)]
    flat = [array.ravel() for array in params.weights + params.biases]
    np.testing.assert_array_equal(np.concatenate(flat), params.vector)
    params.weights[1][0, 0] = -1
    assert params.vector[12] == -1
    for where, weight in zip(params.weight_slices, params.weights, strict=True):
        np.testing.assert_array_equal(params.vector[where], weight.ravel())


def test_another_vector_has_the_same_layout():
    params = Parameters(BLOCKS, dtype=np.float32)
    assert params.vector.dtype == np.float32
    assert not params.vector.any()
    other = params.like(np.arange(47.0))
    assert other.weight_slices == params.weight_slices
    assert other.biases[1][0] == 40


@pytest.mark.parametrize("blocks", [BLOCKS[:2], BLOCKS[4:5]])
def test_there_may_be_no_biases(blocks):
    params = Parameters(blocks)
    assert params.biases == []
    assert params.weight_slices[-1].stop == len(params.vector)


def test_layers_get_what_they_declare():
    first, nothing, second = Layer(), Layer(), Layer()
    first.blocks, second.blocks = BLOCKS[:3], BLOCKS[3:]
    params = Parameters.of([first, nothing, second])
    params.vector[:] = np.arange(47.0)
    bind([first, nothing, second], params.weights, params.biases)
    bind([first, nothing, second], params.weights, params.biases, "_grad")
    starts = {"read": 0, "carry": 12, "start": 36, "gain": 40, "weight": 28, "bias": 45}
    for layer in (first, second):
        for block in layer.blocks:
            array = getattr(layer, block.name)
            assert array.shape == block.shape
            assert array.flat[0] == starts[block.name]
            assert getattr(layer, f"{block.name}_grad") is array


def test_packing_copies(rng):
    weights, biases = [rng.random((3, 2)), rng.random((2, 1))], [rng.random(2), rng.random(1)]
    stored = [sparse.csr_array(weights[0]), weights[1]]
    params = Parameters.pack(stored, biases, np.float32)
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
