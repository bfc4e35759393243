"""Penalties of a network from their strengths, for tests of the engine."""

from skreg.nn.penalties import L1, L2, GroupLasso, L2PerSample, MaxNorm
from skreg.nn.regularizer import (
    ALL_ALIKE,
    Regularizer,
    by_feature,
    by_unit,
    by_weight,
    by_weight_and_feature,
)


def terms(params, l1=0.0, l2=0.0, alpha=0.0, group_lasso=0.0, rows=ALL_ALIKE, max_norm=None):
    """Return terms, the last first: the order in which they apply is that of penalties."""
    terms = []
    if max_norm:
        terms += by_unit(MaxNorm, max_norm, params)
    if group_lasso:
        terms += by_feature(GroupLasso, group_lasso, params, rows)
    terms += by_weight_and_feature(L1, l1, params, rows)
    for penalty, strengths in [(L2, l2), (L2PerSample, alpha)]:
        terms += by_weight(penalty, strengths, params)
    return terms


def regularizer(params, **strengths):
    """Return the `Regularizer` of these terms."""
    return Regularizer(terms(params, **strengths))
