"""What is tried: values of parameters, and their combinations."""

from itertools import product
from numbers import Integral

import numpy as np

from skreg.estimators.comparing import comparable
from skreg.estimators.constraints import InvalidParameterError, number, shown

_COUNT = number(1, 10_000, brackets="[]", integer=True)

_TRAINING = {
    "hidden_layer_sizes": (128, 128),
    "batch_size": 64,
    "learning_rate": "cosine",
    "learning_rate_init": 0.003,
    "n_iter_no_change": 20,
}
DEFAULT_CANDIDATES = [
    {**_TRAINING, "weight_decay": 1.0},
    {**_TRAINING, "dropout": 0.2, "weight_decay": 0.3},
    {**_TRAINING, "dropout": 0.1, "group_lasso": 0.01},
    {**_TRAINING, "group_lasso": 0.003},
    {**_TRAINING, "l2": 0.01},
    {**_TRAINING, "l2": 0.03},
    {**_TRAINING, "l1": 0.003},
    {**_TRAINING, "hidden_layer_sizes": (), "learning_rate_init": 0.01, "l1": 0.003},
]
"""What a search tries that is given neither an estimator nor candidates."""

GRIDS = {
    "hidden_layer_sizes": ("architectures", None),
    "learning_rate_init": ("learning_rate_inits", lambda n: np.geomspace(1e-2, 3e-4, n)),
    "dropout": ("dropouts", lambda n: np.linspace(0.0, 0.6, n)),
    "l2": ("l2s", lambda n: np.geomspace(1e-4, 1e-1, n)),
    "l1": ("l1s", lambda n: np.geomspace(1e-5, 1e-2, n)),
    "group_lasso": ("group_lassos", lambda n: np.geomspace(1e-4, 1e-1, n)),
    "weight_decay": ("weight_decays", lambda n: np.geomspace(1e-2, 1.0, n)),
    "batch_size": ("batch_sizes", None),
    "activation": ("activations", None),
}
"""Parameters of a network, with the name of their values and what an int stands for."""

_OF_THE_SEARCH = (
    "early_stopping",
    "min_epochs",
    "random_state",
    "scoring",
    "time_limit",
    "validation_fraction",
    "verbose",
    "warm_start",
)


def values_of(search):
    """Return the values that a search is given, by the parameter of the network.

    Parameters
    ----------
    search : MLPClassifierCV or MLPRegressorCV

    Returns
    -------
    values : dict of (list or int)
        An int as it is given: what it stands for may depend on the data.
    """
    values = {}
    for name, (plural, grid) in GRIDS.items():
        given = getattr(search, plural)
        if given is None:
            continue
        is_count = grid is not None and _COUNT.is_satisfied_by(given)
        is_array = isinstance(given, np.ndarray) and given.ndim == 1
        is_list = isinstance(given, (list, tuple)) or is_array
        if not (is_count or (is_list and len(given))):
            raise InvalidParameterError(
                f"The {plural!r} parameter of {type(search).__name__} must be None, a list "
                f"of values of {name!r}, or how many of them, up to 10,000. "
                f"Got {shown(given)} instead."
            )
        values[name] = int(given) if is_count else list(given)
    return values


def spread(values):
    """Return values with lists in place of ints.

    Parameters
    ----------
    values : dict of (list or int)

    Returns
    -------
    values : dict of list
    """
    return {
        name: GRIDS[name][1](given).tolist() if isinstance(given, Integral) else given
        for name, given in values.items()
    }


def check_candidates(candidates, search, network):
    """Refuse candidates that are no parameters of a network.

    Parameters
    ----------
    candidates : object
        What the search is given.

    search : MLPClassifierCV or MLPRegressorCV

    network : MLPClassifier or MLPRegressor
        With the parameters that there are.
    """
    owner = type(search).__name__
    is_list = isinstance(candidates, (list, tuple)) and len(candidates)
    if not (is_list and all(isinstance(params, dict) for params in candidates)):
        raise InvalidParameterError(
            f"The 'candidates' parameter of {owner} must be None, or a list of dicts of "
            f"parameters of {type(network).__name__}. Got {shown(candidates)} instead."
        )
    known = network.get_params()
    for name in dict.fromkeys(name for params in candidates for name in params):
        if name not in known:
            raise InvalidParameterError(
                f"The 'candidates' parameter of {owner} names {name!r}, which is no "
                f"parameter of {type(network).__name__}."
            )
        if name in _OF_THE_SEARCH:
            raise InvalidParameterError(
                f"The 'candidates' parameter of {owner} names {name!r}, which the search "
                "sets for all candidates. Leave it out."
            )


def combinations(candidates, values):
    """Return candidates with all combinations of further values, each of them once.

    Parameters
    ----------
    candidates : list of dict

    values : dict of list
        They go before what a candidate has for the same parameter.

    Returns
    -------
    combined : list of dict
    """
    combined = {}
    for params, chosen in product(candidates, product(*values.values())):
        candidate = {**params, **dict(zip(values, chosen, strict=True))}
        key = {name: comparable(value) for name, value in sorted(candidate.items())}
        combined.setdefault(repr(key), candidate)
    return list(combined.values())
