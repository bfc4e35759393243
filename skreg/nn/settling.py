r"""Full-batch proximal steps that settle which weights are zero.

Where the gradient is that of a minibatch, a weight at zero leaves it whenever
the noise carries the gradient beyond the strength of the penalty, however small
the steps are: the zeros flicker, and what an epoch ends with is chance. Over all
data the gradient has no noise, and proximal steps

.. math::

    \theta \leftarrow \operatorname{prox}_{\eta D}(\theta - \eta D \nabla f(\theta))

find the zeros of the point that they converge to after finitely many steps, if the
gradient at these zeros is strictly below the strength of the penalty [1]_. The metric
:math:`D` is the step size that the optimizer ended with, :math:`\eta` is found by
backtracking, so that every step lowers the objective.

References
----------
.. [1] Hare and Lewis, "Identifying active constraints via partial smoothness and
   prox-regularity", Journal of Convex Analysis 11 (2004).
.. [2] Poon, Liang and Schönlieb, "Local convergence properties of SAGA/Prox-SVRG
   and acceleration", ICML 2018, on why stochastic proximal gradient does not.
"""

import numpy as np


def settle(objective, evaluate, step_size, n_steps):
    """Take proximal gradient steps on a noiseless objective.

    Parameters
    ----------
    objective : Objective
        Its ``theta`` moves.

    evaluate : callable
        Returns the smooth part of the objective at ``theta`` and stores its
        gradient, always the same for the same ``theta``.

    step_size : float or ndarray like theta
        Sizes of the steps, up to the common factor that backtracking finds.

    n_steps : int

    Returns
    -------
    value : float
        The objective in the end.
    """
    metric = np.full_like(objective.theta, step_size)
    factor, value = 1.0, evaluate()
    for _ in range(n_steps):
        if not (np.isfinite(value) and (metric > 0).all() and np.isfinite(metric).all()):
            break
        value, factor = _descend(objective, evaluate, value, metric, factor)
    return value + objective.proximal_value()


def _descend(objective, evaluate, value, metric, factor):
    r"""Take one step, short enough for its model to lie above the function.

    .. math::

        f(\theta^+) \le f(\theta) + \langle \nabla f(\theta), d \rangle
                        + \frac{1}{2 \eta} \|d\|^2_{D^{-1}},
        \quad d = \theta^+ - \theta.

    Return the value there, and the factor to try next.
    """
    theta = objective.theta
    start, gradient = theta.copy(), objective.gradient.copy()
    rounding = 10 * np.finfo(theta.dtype).eps * abs(value)
    try:
        while True:
            step = factor * metric
            np.subtract(start, step * gradient, out=theta)
            objective.prox(step.__getitem__)
            moved = theta - start
            model = value + gradient @ moved + moved @ (moved / metric) / (2 * factor)
            with np.errstate(over="ignore", invalid="ignore"):
                new_value = evaluate()
            if new_value <= model + rounding or not moved.any():
                return new_value, 1.5 * factor
            factor /= 2
    except BaseException:
        # An interrupt must not leave a trial behind.
        theta[...] = start
        raise
