"""A limit of seconds for trainings and searches."""

import time


class TimeIsUp(KeyboardInterrupt):
    """The seconds that were given have passed: what is there by then counts."""


class TimeLimit:
    """Ends a training with the first epoch that ends too late, as a hook of its monitor.

    Parameters
    ----------
    ends_at : float
        Seconds since 1970, so that it means the same in all processes.
    """

    def __init__(self, ends_at):
        self.ends_at = ends_at

    @classmethod
    def within(cls, seconds):
        """Return the limit that lies so many seconds ahead; of None None."""
        return None if seconds is None else cls(time.time() + seconds)

    @property
    def has_passed(self):
        """Whether the time is up."""
        return time.time() >= self.ends_at

    def begin(self):
        """Let an epoch begin."""

    def end(self):
        """Raise `TimeIsUp` where the time has passed."""
        if self.has_passed:
            raise TimeIsUp
        return False


def hooks_of(limit):
    """Return the hooks of a limit that there may be: `TimeLimit` or None."""
    return [] if limit is None else [limit]
