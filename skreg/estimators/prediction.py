"""From a fitted network to its raw output.

Every call builds a network with memory of its own, so that threads may predict with one
estimator at once.
"""

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from skreg.estimators.assembly import mask_generator
from skreg.estimators.constraints import check_length
from skreg.estimators.fitted import inputs_of, weights_of
from skreg.estimators.strengths import check_network_parameters
from skreg.nn.architecture import dense_network
from skreg.nn.arrays import by_rows
from skreg.nn.sampling import thin


def raw_output(model, X):
    """Return the raw output of the network for ``X`` of shape (n_samples, n_features)."""
    X = _validate(model, X)
    network = dense_network(*weights_of(model), model.activation)
    return network.predict(X, inputs_of(model).kept)


def hidden_outputs(model, X, which):
    """Return the outputs of hidden layers for ``X``; ``which`` is a slice of them."""
    X = _validate(model, X)
    network = dense_network(*weights_of(model), model.activation)
    return network.hidden_outputs(X, which, inputs_of(model).kept)


def raw_draws(model, X, n_draws, random_state):
    """Return an iterator over raw outputs for ``X``, each under a draw of dropout."""
    X = _validate(model, X)
    check_network_parameters(model)
    weights, biases = weights_of(model)
    n_hidden = len(biases) - 1
    check_length("dropout", model.dropout, n_hidden, "hidden layer(s)")
    rates = [model.input_dropout, *np.broadcast_to(model.dropout, n_hidden)]
    if not np.any(rates):
        raise ValueError(
            "Draws differ by what dropout drops, and this model drops nothing: it has "
            f"dropout={model.dropout!r}, input_dropout={model.input_dropout!r} and "
            f"{n_hidden} hidden layer(s). Fit it with dropout or input_dropout above 0."
        )
    rng = mask_generator(check_random_state(random_state))
    columns = inputs_of(model).kept
    return (
        dense_network(thin(weights, rates, rng), biases, model.activation).predict(X, columns)
        for _ in range(n_draws)
    )


def _validate(model, X):
    check_is_fitted(model)
    return by_rows(
        validate_data(
            model,
            X,
            accept_sparse=["csr", "csc"],
            dtype=(np.float64, np.float32),
            # A scorer asks one whose features have all been pruned.
            ensure_min_features=min(1, model.n_features_in_),
            reset=False,
        )
    )
