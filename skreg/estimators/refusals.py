"""Parameters that the solver "lbfgs" cannot follow, or that have no certificate.

Of penalties their traits say it; what is no penalty is listed here.
"""

from typing import NamedTuple

from skreg.estimators.constraints import is_set, shown
from skreg.estimators.strengths import STRENGTHS


class Refusal(NamedTuple):
    """Why something cannot be done with a parameter; None: it can.

    Attributes
    ----------
    by_lbfgs : str or None
        What "lbfgs" does instead, and the way out; braces stand for parameters and values.

    by_certificates : str or None
        What the parameter does that is not certified.
    """

    by_lbfgs: str | None
    by_certificates: str | None


_NOT_BY_BOUNDS = (
    "minimizes a smooth function within bounds, which {} cannot be brought to. Use "
    "solver='adam' or solver='sgd'."
)
_DRAWN = Refusal(
    "needs an objective that is the same at every evaluation, and dropout draws new masks "
    "each time. Got {}: set it to 0, or use solver='adam' or solver='sgd'.",
    "draws another objective at every step",
)
# What training does beside minimizing the loss and its penalties.
_BESIDE_PENALTIES = {
    "dropout": _DRAWN,
    "input_dropout": _DRAWN,
    "weight_decay": Refusal(_NOT_BY_BOUNDS, "belongs to no objective"),
    "max_grad_norm": Refusal(
        "takes no step along a gradient that could be clipped. Got {}: leave it None, or "
        "use solver='adam' or solver='sgd'.",
        None,
    ),
}


def _refusal_of(penalty):
    """Return what follows from the traits of a penalty."""
    return Refusal(
        None if penalty.is_smooth or penalty.splits else _NOT_BY_BOUNDS,
        None if penalty.is_certified else "is enforced after every step, not certified",
    )


def _refusals(model):
    """Return the `Refusal` of each parameter that is set, by its name."""
    refusals = dict(_BESIDE_PENALTIES)
    for name, strength in STRENGTHS.items():
        refusals[name] = _refusal_of(strength.penalty)
    return {name: refusal for name, refusal in refusals.items() if is_set(getattr(model, name))}


def check_lbfgs(model):
    """Refuse parameters that "lbfgs" cannot follow."""
    why = {name: refusal.by_lbfgs for name, refusal in _refusals(model).items()}
    reason = next(filter(None, why.values()), None)
    if reason is not None:
        refused = [
            f"{name}={shown(getattr(model, name))}" for name in why if why[name] == reason
        ]
        raise ValueError(f"solver='lbfgs' {reason.format(' and '.join(refused))}")


def check_certified(model):
    """Refuse parameters by which training follows no objective that could be certified."""
    for name, refusal in _refusals(model).items():
        if refusal.by_certificates is not None:
            raise ValueError(
                f"There is no certificate for {name}={shown(getattr(model, name))}: it "
                f"{refusal.by_certificates}. Refit without it, or judge the network by its "
                "score."
            )
