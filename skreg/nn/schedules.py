r"""Learning rates as functions of the training so far.

A schedule is called once an epoch with the number of samples that training
has seen so far and the score that is watched, and returns the learning rate of the
next epoch; ``learning_rate`` is that of the first. When patience runs out,
`on_plateau` decides whether training stops there, or may go on at a lower rate, and
says so in words.
"""

import math

from skreg.nn.stopping import Patience


class Constant:
    """One learning rate throughout.

    Parameters
    ----------
    learning_rate : float

    Attributes
    ----------
    peak : float
        The largest rate.

    is_plan : bool
        Whether a training that has used all its epochs up has come to its end.
    """

    is_plan = False

    def __init__(self, learning_rate):
        self.learning_rate = self.peak = learning_rate

    def __call__(self, n_seen, score):
        return self.learning_rate

    def on_plateau(self):
        """Return whether to stop, and a sentence for the log."""
        return True, "Stopping."


class InverseScaling(Constant):
    r"""The rate :math:`\eta / (t + 1)^p` after :math:`t` samples.

    Parameters
    ----------
    learning_rate : float
        The initial rate :math:`\eta`.

    power_t : float
        The exponent :math:`p`.
    """

    def __init__(self, learning_rate, power_t):
        super().__init__(learning_rate)
        # A power of ints may have more digits than there is memory for.
        self.power_t = float(power_t)

    def __call__(self, n_seen, score):
        try:
            return self.learning_rate / (n_seen + 1) ** self.power_t
        except OverflowError:
            return 0.0


class Adaptive(Constant):
    """A constant rate, divided by 5 on every plateau until it is 1e-6 or less."""

    def on_plateau(self):
        if self.learning_rate <= 1e-6:
            return True, "Learning rate too small. Stopping."
        self.learning_rate /= 5.0
        return False, f"Setting learning rate to {self.learning_rate:f}"


class Plateau(Constant):
    """A constant rate, divided by 5 each time a patience of its own runs out.

    As with `Adaptive`, 1e-6 or less is low enough.

    Parameters
    ----------
    learning_rate : float
        The initial rate.

    patience : Patience
        Shorter than that which stops the training, or it would never run out first.
    """

    def __init__(self, learning_rate, patience):
        super().__init__(learning_rate)
        self._patience = patience

    @classmethod
    def within(cls, learning_rate, n_iter_no_change, tol):
        """Return one that waits half as long as the training does, at most 5 epochs."""
        return cls(learning_rate, Patience(min(n_iter_no_change, 10) // 2, tol))

    def __call__(self, n_seen, score):
        if self._patience.update(score):
            self._patience.reset()
            if self.learning_rate > 1e-6:
                self.learning_rate /= 5.0
        return self.learning_rate


class Planned(Constant):
    """A rate that follows a plan over a given number of epochs, and then stays.

    A subclass implements `_rate`.

    Parameters
    ----------
    learning_rate : float
        The largest rate.

    n_epochs : int
        Epochs that the plan is for; it counts the calls.
    """

    is_plan = True

    def __init__(self, learning_rate, n_epochs):
        super().__init__(learning_rate)
        self._n_epochs = n_epochs
        self._n_done = 0
        self.learning_rate = self._rate(0.0)

    def __call__(self, n_seen, score):
        self._n_done += 1
        return self._rate(min(self._n_done / self._n_epochs, 1.0))

    def _rate(self, p):
        """Return the rate after a share ``p`` of the plan."""
        raise NotImplementedError


class Cosine(Planned):
    r"""Half a cosine from the largest rate to none.

    After a share :math:`p` of the plan it is :math:`\eta (1 + \cos \pi p) / 2`.

    References
    ----------
    .. [1] Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm
       restarts", ICLR 2017, equation 5 without restarts.
    """

    def _rate(self, p):
        return _between(self.peak, 0.0, p)


class OneCycle(Planned):
    r"""Up from 1/25 of the largest rate, and down to 1/250,000 of it in the last epoch.

    It rises over the first three tenths of the plan and falls over the rest, both
    along half a cosine: the figures are those of torch's ``OneCycleLR``. Momentum is
    left alone.

    References
    ----------
    .. [1] Smith and Topin, "Super-convergence: very fast training of neural networks
       using large learning rates", 2018, arXiv:1708.07120.
    """

    _RISE = 0.3

    def __init__(self, learning_rate, n_epochs):
        # The last rate that is used is that of the end.
        super().__init__(learning_rate, max(1, n_epochs - 1))

    def _rate(self, p):
        start = self.peak / 25
        if p < self._RISE:
            return _between(start, self.peak, p / self._RISE)
        return _between(self.peak, start / 1e4, (p - self._RISE) / (1 - self._RISE))


def _between(start, end, share):
    """Return a value on half a cosine from start to end."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
