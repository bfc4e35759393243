"""From a fitted network to its raw output.

Every call builds a network with memory of its own, so that threads may predict with one
estimator at once.
"""

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from skreg.estimators.assembly import mask_generator
from skreg.estimators.constraints import check_length, generator, shown
from skreg.estimators.fitted import inputs_of, weights_of, whole_network
from skreg.estimators.strengths import as_read
from skreg.nn.architecture import dense_network
from skreg.nn.arrays import by_rows
from skreg.nn.block_diagonal import blocks_of
from skreg.nn.sampling import stack, thin


def raw_output(model, X):
    """Return the raw output of the network for ``X`` of shape (n_samples, n_features)."""
    X = _validate(model, X)
    network = dense_network(*weights_of(model), model.activation)
    return _finite(model, lambda: network.predict(X, inputs_of(model).kept))


def hidden_outputs(model, X, which):
    """Return the outputs of hidden layers for ``X``; ``which`` is a slice of them."""
    X = _validate(model, X)
    network = dense_network(*weights_of(model), model.activation)
    return _finite(model, lambda: network.hidden_outputs(X, which, inputs_of(model).kept))


def raw_draws(model, X, n_draws, random_state):
    """Return an iterator over raw outputs for ``X``, each under a draw of dropout."""
    X = _validate(model, X)
    model = as_read(model)
    whole = whole_network(model)
    n_hidden = len(whole.biases) - 1
    check_length("dropout", model.dropout, n_hidden, "hidden layer(s)")
    rates = [model.input_dropout, *np.broadcast_to(model.dropout, n_hidden)]
    if not np.any(rates):
        raise ValueError(
            "Draws differ by what dropout drops, and this model drops nothing: it has "
            f"dropout={shown(model.dropout)}, input_dropout={shown(model.input_dropout)} and "
            f"{n_hidden} hidden layer(s). Fit it with dropout or input_dropout above 0."
        )
    rng = mask_generator(generator(random_state))
    columns = inputs_of(model).kept
    networks = _split(whole)

    def draw():
        return sum(predict(*network) for network in networks)

    def predict(weights, biases):
        thinned = thin(weights, rates, rng)
        return dense_network(thinned, biases, model.activation).predict(X, columns)

    return (_finite(model, draw) for _ in range(n_draws))


def _split(whole):
    """Return the networks that draw masks of their own, whose raw outputs are added up."""
    members = whole.members
    if members is not None and members.are_lost:
        raise ValueError(
            f"The model is the average of {len(members.sizes)} networks without hidden layers, "
            "which drop features of their own. It has the mean of their coefficients alone, "
            "since they were trained with input_dropout=0. Set input_dropout before fit."
        )
    return whole.split()


def stacked(draws, n_samples):
    """Return draws along a new first axis; say what asks for memory that is not there."""
    try:
        return stack(draws, n_samples)
    except MemoryError as error:
        raise MemoryError(f"n_samples={shown(n_samples)} draws: {error}") from error


def _finite(model, compute):
    """Return what a network computes; refuse it where it says nothing."""
    # What overflows shows in the result.
    with np.errstate(all="ignore"):
        output = compute()
    is_finite = np.isfinite(output)
    if is_finite.all():
        return output
    weights = [block for weight in model.coefs_ for block in blocks_of(weight)]
    if not np.isfinite([array.sum() for array in (*weights, *model.intercepts_)]).all():
        raise ValueError(
            "coefs_ or intercepts_ of the network hold values that are not finite."
        )
    row = np.flatnonzero(~is_finite.all(axis=1))[0]
    largest = max(float(abs(weight).max()) for weight in weights if min(weight.shape))
    raise ValueError(
        f"The output of the network is not finite for row {row} of X. Its values are too "
        f"large, or the weights are: the largest is {largest:.2g}."
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
