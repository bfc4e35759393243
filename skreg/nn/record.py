"""What is written down of a training, and how it is printed."""

from typing import NamedTuple


class Epoch(NamedTuple):
    """What is written down of one epoch; None where there is nothing to write.

    Attributes
    ----------
    loss : float
        Of the training data, without penalties: the mean over minibatches.

    objective : float
        The same with penalties.

    learning_rate : float or None

    zeros : float
        Share of the weights that are exactly zero.

    seconds : float
        From the beginning of the epoch to its score.

    validation_loss : float or None
        Loss on held-out data, without dropout or penalties.

    score : float or None
        Score on held-out data.
    """

    loss: float
    objective: float
    learning_rate: float | None
    zeros: float
    seconds: float
    validation_loss: float | None = None
    score: float | None = None


class Record:
    """What is written down of a training, an `Epoch` at a time.

    Parameters
    ----------
    columns : dict of list, default=None
        Of a training that this one goes on with; copied.

    Attributes
    ----------
    columns : dict of list
        One entry an epoch, by field of `Epoch`; fields that are None are left out.
    """

    def __init__(self, columns=None):
        self.columns = {name: list(values) for name, values in (columns or {}).items()}

    def append(self, epoch):
        """Write down one more epoch."""
        for name, value in zip(Epoch._fields, epoch, strict=True):
            if value is not None:
                self.columns.setdefault(name, []).append(value)

    def column(self, name):
        """Return one field of all epochs, a list."""
        return self.columns.get(name, [])

    @property
    def n_epochs(self):
        """Epochs that are written down."""
        return len(self.column("objective"))

    @property
    def last_loss(self):
        """The latest objective; not a number before the first epoch."""
        return self.columns["objective"][-1] if self.n_epochs else float("nan")


def iteration_lines(n_iter, epoch):
    """Describe an epoch in scikit-learn's words, a list of lines."""
    lines = [f"Iteration {n_iter}, loss = {epoch.objective:.8f}"]
    if epoch.score is not None:
        lines.append(f"Validation score: {epoch.score:f}")
    return lines


def table_lines(n_iter, epoch):
    """Describe an epoch by a row of a table, whose head comes every 25 rows."""
    fields = [name for name, value in epoch._asdict().items() if value is not None]
    values = [f"{getattr(epoch, name):>{max(len(name), 10)}.4g}" for name in fields]
    row = f"{n_iter:>9}  " + "  ".join(values)
    if n_iter % 25 != 1:
        return [row]
    return ["Iteration  " + "  ".join(f"{name:>10}" for name in fields), row]


class Outcome(NamedTuple):
    """How a solver ended.

    Attributes
    ----------
    is_over : bool
        Whether it ended for reasons of its own and not at a limit.

    loss : float
        The objective in the end.

    message : str
        Why it did not converge; empty if it did.
    """

    is_over: bool
    loss: float
    message: str = ""
