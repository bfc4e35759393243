"""Hostile values: every parameter and argument takes them, or says by its name why not."""

import pickle
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from skreg import HiddenLayerTransformer, MLPClassifier, MLPRegressor
from skreg.model_selection import mlp_path

rng = np.random.RandomState(0)
X = rng.standard_normal((12, 3))
Y = (X[:, 0] > 0).astype(int)
TARGETS = {MLPClassifier: Y, MLPRegressor: X[:, 0]}


VALUES = {
    "None": None,
    "True": True,
    "False": False,
    "np.True_": np.True_,
    "zero": 0,
    "minus one": -1,
    "two": 2,
    "ten to the fifteen": 10**15,
    "ten to the thirty": 10**30,
    "ten to the five thousand": 10**5000,
    "a half": 0.5,
    "tiny": 5e-324,
    "huge": 1e300,
    "nan": np.nan,
    "inf": np.inf,
    "minus inf": -np.inf,
    "complex": 1j,
    "Fraction": Fraction(1, 3),
    "Decimal": Decimal("0.1"),
    "uint8": np.uint8(3),
    "int16": np.int16(300),
    "float16": np.float16(0.1),
    "float32": np.float32(0.1),
    "longdouble": np.longdouble("0.1"),
    "datetime64": np.datetime64("2020-01-01"),
    "0-d array": np.array(0.1),
    "empty array": np.array([]),
    "floats": np.array([0.1, 0.2]),
    "matrix": np.ones((2, 2)),
    "float32s": [np.float32(0.1), np.float32(0.2)],
    "uint8s": (np.uint8(3), np.uint8(2)),
    "no list": [],
    "list of None": [None],
    "list of lists": [[0], [1, 2]],
    "long list": [0.1] * 1000,
    "range": range(1, 3),
    "dict": {"a": 1},
    "set": {1, 2},
    "word": "auto",
    "number in words": "0.1",
    "empty word": "",
    "word with a null": "a\0b",
    "long word": "a" * 10_000,
    "np.str_": np.str_("relu"),
    "bytes": b"\x05",
    "bytearray": bytearray(b"\x00"),
    "memoryview": memoryview(b"\x00"),
    "a class": MLPClassifier,
    "a function": abs,
    "an estimator": MLPClassifier(),
    "a bare object": object(),
}

SETTINGS = {
    "adam": {},
    "sgd": {"solver": "sgd", "learning_rate": "invscaling", "batch_size": 5},
    "lbfgs": {"solver": "lbfgs"},
    "judged": {"early_stopping": True, "dropout": 0.1, "validation_fraction": 0.5},
}
NETWORKS = pytest.mark.parametrize("Network", [MLPClassifier, MLPRegressor])
SMALL = {"hidden_layer_sizes": (2,), "alpha": 0.0, "max_iter": 1, "random_state": 0}


def refusal(call, *args, **kwargs):
    """Return what a call raises, or None; where NumPy alone tells of something, that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)
        try:
            call(*args, **kwargs)
        except Exception as error:
            return error


def is_clear(error, *names):
    """Whether there is no error, or one that has a name in it, and not too many words."""
    text = str(error)
    is_named = any(name in text for name in names) and len(text) < 1500
    return error is None or (
        isinstance(error, (ValueError, TypeError, MemoryError)) and is_named
    )


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path, monkeypatch):
    """Some of the values are names of directories."""
    monkeypatch.chdir(tmp_path)


@NETWORKS
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_parameter_of_a_network_takes_a_value_or_says_by_name_why_not(Network, setting):
    unclear, n_refused = {}, 0
    others = {**SMALL, **SETTINGS[setting]}
    for name in Network().get_params().keys() - SETTINGS[setting].keys():
        for kind, value in VALUES.items():
            # What a callable of the user raises is the user's.
            if (name, kind) != ("scoring", "a function"):
                error = refusal(Network(**{**others, name: value}).fit, X, TARGETS[Network])
                n_refused += error is not None
                if not is_clear(error, name):
                    unclear[name, kind] = error
    assert unclear == {}
    assert n_refused > 1000


@NETWORKS
def test_a_fit_that_is_refused_leaves_a_fitted_network_as_it_was(Network):
    network = Network(**SMALL, warm_start=True)
    refusal(network.fit, X, TARGETS[Network])
    for name in network.get_params():
        for kind in ("complex", "ten to the fifteen", "matrix", "a class", "bytes"):
            twin = pickle.loads(pickle.dumps(network)).set_params(**{name: VALUES[kind]})
            before = dict(vars(twin))
            if refusal(twin.fit, X, TARGETS[Network]) is not None:
                after = vars(twin)
                assert after.keys() == before.keys()
                assert all(after[key] is before[key] for key in before), (name, kind)
                np.testing.assert_array_equal(twin.coefs_[0], network.coefs_[0])


@pytest.mark.parametrize("name", ["estimator", "layer", "prefit"])
def test_every_parameter_of_a_transformer_takes_a_value_or_says_by_name_why_not(name):
    for kind, value in VALUES.items():
        transformer = HiddenLayerTransformer(MLPClassifier(**SMALL)).set_params(**{name: value})
        assert is_clear(refusal(transformer.fit, X, Y), name, "MLPClassifier"), kind


OF_PATHS = ["estimator", "penalty", "strengths", "n_strengths", "eps", "max_iter", "relax"]
OF_PATHS += ["X_val", "y_val", "sample_weight", "sample_weight_val"]


@pytest.mark.parametrize("name", OF_PATHS)
def test_every_argument_of_a_path_takes_a_value_or_says_by_name_why_not(name):
    given = {"n_strengths": 2, "max_iter": 1, "X_val": X, "y_val": Y, "X": X, "y": Y}
    given["estimator"] = MLPClassifier(**SMALL)
    for kind, value in VALUES.items():
        error = refusal(mlp_path, **{**given, name: value})
        assert is_clear(error, name, "mlp_path takes an"), (kind, error)


@NETWORKS
@pytest.mark.parametrize("name", ["sample_weight", "X_val", "y_val", "sample_weight_val"])
def test_every_argument_of_fit_takes_a_value_or_says_by_name_why_not(Network, name):
    y = TARGETS[Network]
    own = {"X_val": X, "y_val": y} if name.endswith("_val") else {}
    network = Network(**SMALL, early_stopping=bool(own))
    for kind, value in VALUES.items():
        error = refusal(network.fit, X, y, **{**own, name: value})
        assert is_clear(error, name), (kind, error)


class Mute:
    """What cannot be shown."""

    def __repr__(self):
        raise RuntimeError("no")


def test_values_are_shown_in_few_words_whatever_they_are():
    network = MLPClassifier(hidden_layer_sizes=[0] * 10**6)
    with pytest.raises(
        ValueError, match=r"hidden_layer_sizes.*Got \[0, 0, 0.*\.\.\.\] instead"
    ):
        network.fit(X, Y)
    with pytest.raises(
        ValueError, match=r"'alpha' parameter.*Got <Mute instance at .*> instead"
    ):
        MLPClassifier(alpha=Mute()).fit(X, Y)
    with pytest.raises(ValueError, match=r"Got a value of type int instead\.$"):
        MLPClassifier(alpha=10**5000).fit(X, Y)
