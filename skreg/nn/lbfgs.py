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

from skreg.nn.record import Outcome

# SciPy's default, which scikit-learn relies on.
_FTOL = 2.2204460492503131e-09


class LBFGSSolver:
    """L-BFGS-B, from SciPy.

    Parameters
    ----------
    state : State
        Of the training.

    max_fun : int
        Largest number of evaluations of the objective.

    tol : float
        The largest component of the projected gradient to stop at. Where
        ``tol**2`` is below SciPy's default for the relative decrease, it
        replaces that too: a small ``tol`` really converges.
    """

    def __init__(self, state, max_fun, tol):
        self.state = state
        self.max_fun = max_fun
        self.tol = tol

    def solve(self, objective, data, monitor, n_epochs):
        """Move the parameters of the objective until it is at a minimum.

        Parameters
        ----------
        objective : Objective

        data : Data

        monitor : Monitor
            Updated at every iteration; may stop the training.

        n_epochs : int
            Largest number of iterations.

        Returns
        -------
        outcome : Outcome
        """
        if n_epochs < 1:
            return Outcome(False, self.state.record.last_loss, "lbfgs has no iterations left.")
        run = _Run(objective, data, monitor)
        try:
            result = minimize(
                run.evaluate,
                run.accepted.copy(),
                jac=True,
                method="L-BFGS-B",
                bounds=run.bounds,
                callback=run.accept,
                options=self._options(n_epochs),
            )
            if result.status == 0:
                run.move_to_bounds(result, self.tol)
        finally:
            run.go_back()
        converged = run.is_over or result.status == 0
        if result.nit == 0:
            # It ended where it began: an entry in the record, but no iteration.
            run.note(result)
            self.state.n_iter -= 1
        loss = run.loss_and_objective(result)[1]
        return Outcome(converged, loss, "" if converged else self._message(result, n_epochs))

    def _options(self, n_epochs):
        return {
            "maxiter": n_epochs,
            "maxfun": self.max_fun,
            "gtol": self.tol,
            "ftol": min(_FTOL, self.tol * self.tol),
        }

    def closing_step(self, data):
        """Return None: bounds hold zeros without noise."""
        return None

    def _message(self, result, n_epochs):
        message = (
            f"lbfgs failed to converge after {result.nit} iteration(s) "
            f"(status={result.status}):\n{result.message}\n"
        )
        if result.nit >= n_epochs:
            message += (
                "\nIncrease the number of iterations to improve the convergence "
                f"(max_iter={self.state.n_iter})."
            )
        return (
            f"{message}\nYou might also want to scale the data as shown in:\n"
            "    https://scikit-learn.org/stable/modules/preprocessing.html"
        )


class _Run:
    """What L-BFGS-B calls on its way.

    A point has the split variables as ``x`` and the value there as ``fun``.

    Attributes
    ----------
    bounds : ndarray of shape (n_variables, 2) or None

    accepted : ndarray of shape (n_variables,)
        Variables of the latest iteration.

    is_over : bool
        Whether the monitor has said stop.
    """

    def __init__(self, objective, data, monitor):
        self._objective = objective
        self._data = data
        self._monitor = monitor
        self._total_weight = data.total_weight(data.n_samples)
        self._split = _Split(objective)
        self.bounds = self._split.bounds
        self.accepted = self._split.from_theta(objective.theta)
        self.is_over = False
        self._is_under_way = False

    def evaluate(self, x):
        """Return value and gradient."""
        if not self._is_under_way:
            # The first evaluation after an iteration belongs to the next.
            self._is_under_way = True
            self._monitor.begin()
        return self._value(x), self._split.gradient(self._objective.gradient)

    def _value(self, x):
        self._move_to(x)
        value = self._objective.evaluate(self._data, self._total_weight)
        return value + self._split.penalty(x)

    def _move_to(self, x):
        self._objective.theta[...] = self._split.to_theta(x)

    def accept(self, intermediate_result):
        """Take note of an iteration; stop where the monitor says so."""
        self.accepted[...] = intermediate_result.x
        self._move_to(self.accepted)
        self._monitor.state.n_seen += self._data.n_samples
        self.note(intermediate_result)
        self._is_under_way = False
        if self.is_over:
            raise StopIteration  # SciPy's callbacks have no other way to say it

    def note(self, point):
        """Have the monitor record and judge a point."""
        self._monitor.update(*self.loss_and_objective(point))
        self.is_over = self._monitor.end()

    def loss_and_objective(self, point):
        """Return both at ``theta``, from the value of the split variables."""
        # Before convergence both halves of a split may be positive, and their sum is
        # more than the norm.
        smooth = float(point.fun) - self._split.penalty(point.x)
        loss = smooth - self._objective.smooth_value(self._total_weight)
        return loss, smooth + self._objective.proximal_value()

    def move_to_bounds(self, result, tol):
        """Move the result to the bounds next to it, if it is no worse there."""
        x = self._split.to_bounds(result.x, result.jac, tol)
        if (x != result.x).any() and (value := self._value(x)) <= result.fun:
            self.accepted[...] = result.x = x
            result.fun = value

    def go_back(self):
        """Leave ``theta`` at the latest iteration."""
        # The last evaluation may have been a trial of the line search.
        self._move_to(self.accepted)


class _Split:
    """The variables of L-BFGS-B: ``u`` and the unpenalised in place, then ``v``."""

    def __init__(self, objective):
        strengths = objective.split_strengths().astype(np.float64)
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
