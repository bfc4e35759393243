r"""Training by L-BFGS on the whole data at once, with exact l1.

The l1 norm is not smooth, but on a split :math:`\theta = u - v` with
:math:`u, v \ge 0` it is linear:

.. math::

    \min_{u, v \ge 0} f(u - v) + \sum_j \lambda_j (u_j + v_j).

In the minimum :math:`u_j v_j = 0` wherever :math:`\lambda_j > 0`, so the sum is
:math:`\lambda_j |\theta_j|`, and L-BFGS-B holds weights at the bounds exactly:
they are zeros, not small numbers.

References
----------
.. [1] Byrd, Lu, Nocedal and Zhu, "A limited memory algorithm for bound
   constrained optimization", SIAM J. Sci. Comput. 16 (1995).
.. [2] Schmidt, Fung and Rosales, "Fast optimization methods for L1
   regularization", ECML 2007, section on bound-constrained formulations.
"""

import numpy as np
from scipy.optimize import minimize

from skreg.nn.monitor import Outcome

# SciPy's default, which scikit-learn relies on.
_FTOL = 2.2204460492503131e-09


class LBFGSSolver:
    """L-BFGS-B, from SciPy.

    Parameters
    ----------
    max_iter : int
        Largest number of iterations.

    max_fun : int
        Largest number of evaluations of the objective.

    tol : float
        The largest component of the projected gradient to stop at. Where
        ``tol**2`` is below SciPy's default for the relative decrease, it
        replaces that too: a small ``tol`` really converges.
    """

    def __init__(self, max_iter, max_fun, tol):
        self.max_iter = max_iter
        self.max_fun = max_fun
        self.tol = tol

    def solve(self, objective, data, monitor):
        """Move the parameters of the objective until it is at a minimum.

        Parameters
        ----------
        objective : Objective

        data : Data

        monitor : Monitor
            Updated at every iteration; may stop the training.

        Returns
        -------
        outcome : Outcome
        """
        split = _Split(objective)
        total_weight = data.total_weight(data.n_samples)
        accepted = split.from_theta(objective.theta)
        stop, is_under_way = False, False

        def evaluate(x):
            nonlocal is_under_way
            if not is_under_way:
                # The first evaluation after an iteration belongs to the next.
                is_under_way = True
                monitor.begin()
            return value_at(x), split.gradient(objective.gradient)

        def value_at(x):
            objective.theta[...] = split.to_theta(x)
            return objective.evaluate(data, total_weight) + split.penalty(x)

        def after_iteration(intermediate_result):
            nonlocal stop, is_under_way
            accepted[...] = intermediate_result.x
            objective.theta[...] = split.to_theta(accepted)
            stop = monitor.update(objective.theta, *loss_and_objective(intermediate_result))
            is_under_way = False
            if stop:
                raise StopIteration

        def move_to_bounds(result):
            x = split.to_bounds(result.x, result.jac, self.tol)
            if (x != result.x).any() and (value := value_at(x)) <= result.fun:
                accepted[...] = result.x = x
                result.fun = value

        def loss_and_objective(point):
            # Before convergence both halves of a split may be positive, and their
            # sum is more than the norm.
            smooth = float(point.fun) - split.penalty(point.x)
            penalty = objective.regularizer.smooth_value(objective.theta, total_weight)
            return smooth - penalty, smooth + objective.proximal_value()

        try:
            result = minimize(
                evaluate,
                accepted.copy(),
                jac=True,
                method="L-BFGS-B",
                bounds=split.bounds,
                callback=after_iteration,
                options=self._options(),
            )
            if result.status == 0:
                move_to_bounds(result)
        finally:
            # The last evaluation may have been a trial of the line search.
            objective.theta[...] = split.to_theta(accepted)
        if result.nit == 0:
            # It ended where it began: an entry in the record, but no iteration.
            monitor.update(objective.theta, *loss_and_objective(result))
            monitor.n_iter = 0
        converged = stop or result.status == 0
        return Outcome(converged, loss_and_objective(result)[1], self._message(result))

    def _options(self):
        return {
            "maxiter": self.max_iter,
            "maxfun": self.max_fun,
            "gtol": self.tol,
            "ftol": min(_FTOL, self.tol**2),
        }

    def settle(self, objective, data, n_epochs, outcome):
        """Return the outcome as it is: bounds hold zeros without noise."""
        return outcome

    def _message(self, result):
        message = (
            f"lbfgs failed to converge after {result.nit} iteration(s) "
            f"(status={result.status}):\n{result.message}\n"
        )
        if result.nit >= self.max_iter:
            message += (
                "\nIncrease the number of iterations to improve the convergence "
                f"(max_iter={self.max_iter})."
            )
        return (
            f"{message}\nYou might also want to scale the data as shown in:\n"
            "    https://scikit-learn.org/stable/modules/preprocessing.html"
        )


class _Split:
    """The variables of L-BFGS-B: ``u`` and the unpenalised in place, then ``v``."""

    def __init__(self, objective):
        strengths = objective.regularizer.l1_strengths(objective.theta)
        strengths = strengths.astype(np.float64)
        self._is_split = strengths > 0
        self._strengths = np.concatenate([strengths, strengths[self._is_split]])
        self._n_parameters = len(strengths)
        self.bounds = None
        if self._is_split.any():
            lower = np.where(self._strengths > 0, 0.0, -np.inf)
            self.bounds = np.column_stack([lower, np.full_like(lower, np.inf)])

    def from_theta(self, theta):
        theta = theta.astype(np.float64)
        v = np.maximum(-theta[self._is_split], 0)
        theta[self._is_split] = np.maximum(theta[self._is_split], 0)
        return np.concatenate([theta, v])

    def to_theta(self, x):
        theta = x[: self._n_parameters].copy()
        theta[self._is_split] -= x[self._n_parameters :]
        return theta

    def to_bounds(self, x, gradient, tol):
        """Move halves to zero that the gradient points to, and that lie within ``tol``.

        L-BFGS-B stops in front of a bound, if only by rounding, where the way there
        is shorter than its tolerance.
        """
        is_next_to_bound = (self._strengths > 0) & (x <= np.minimum(gradient, tol))
        return np.where(is_next_to_bound, 0.0, x)

    def penalty(self, x):
        return float(self._strengths @ x)

    def gradient(self, gradient):
        gradient = gradient.astype(np.float64)
        return np.concatenate([gradient, -gradient[self._is_split]]) + self._strengths
