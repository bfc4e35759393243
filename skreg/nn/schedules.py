"""Learning rates as functions of the number of samples seen.

A schedule is called once an epoch with the number of samples that training
has seen so far, and returns the learning rate of the next epoch. When patience
runs out, `on_plateau` decides whether training stops there, or may go on at a
lower rate, and says so in words.
"""


class Constant:
    """One learning rate throughout.

    Parameters
    ----------
    learning_rate : float
    """

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def __call__(self, n_seen):
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
        self.power_t = power_t

    def __call__(self, n_seen):
        return self.learning_rate / (n_seen + 1) ** self.power_t


class Adaptive(Constant):
    """A constant rate, divided by 5 on every plateau until it is 1e-6 or less."""

    def on_plateau(self):
        if self.learning_rate <= 1e-6:
            return True, "Learning rate too small. Stopping."
        self.learning_rate /= 5.0
        return False, f"Setting learning rate to {self.learning_rate:f}"
