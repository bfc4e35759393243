import numpy as np
import pytest

from skreg.nn.schedules import Adaptive, Constant, Cosine, InverseScaling, OneCycle, Plateau
from skreg.nn.stopping import Patience


def test_constant():
    schedule = Constant(0.1)
    assert [schedule(n_seen, 0.0) for n_seen in (0, 10, 1000)] == [0.1, 0.1, 0.1]
    assert schedule.on_plateau() == (True, "Stopping.")


def test_inverse_scaling_is_its_formula():
    schedule = InverseScaling(0.5, power_t=0.25)
    assert schedule(0, 0.0) == 0.5
    assert schedule(15, 0.0) == pytest.approx(0.5 / 16**0.25)
    assert schedule.on_plateau()[0]


def test_adaptive_divides_by_five_until_too_small():
    schedule = Adaptive(1e-4)
    rates = []
    while not schedule.on_plateau()[0]:
        rates.append(schedule(0, 0.0))
    assert rates == pytest.approx([2e-5, 4e-6, 8e-7])


@pytest.mark.parametrize("Planned", [Cosine, OneCycle])
@pytest.mark.parametrize("n_epochs", [1, 2, 30])
def test_a_plan_stays_at_its_end(Planned, n_epochs):
    schedule = Planned(0.1, n_epochs)
    rates = [schedule.learning_rate] + [schedule(0, 0.0) for _ in range(2 * n_epochs)]
    assert rates[n_epochs:] == [rates[-1]] * (n_epochs + 1)
    assert rates[-1] < 1e-6
    assert schedule.is_plan
    assert schedule.on_plateau()[0]


def test_one_cycle_ends_in_its_last_epoch():
    schedule = OneCycle(0.1, 20)
    rates = [schedule.learning_rate] + [schedule(0, 0.0) for _ in range(19)]
    assert rates[0] == pytest.approx(0.1 / 25)
    assert rates[-1] == pytest.approx(0.1 / 250_000)
    assert max(rates) > 0.099


def test_one_cycle_rises_along_half_a_cosine():
    # In epochs 1 to 21 a twentieth of the plan each; it rises over three tenths.
    schedule = OneCycle(0.1, 21)
    rates = [schedule.learning_rate] + [schedule(0, 0.0) for _ in range(20)]
    start, peak, end = 0.1 / 25, 0.1, 0.1 / 250_000
    up, down = np.arange(7) / 6, np.arange(15) / 14
    rise = start + (peak - start) * (1 - np.cos(np.pi * up)) / 2
    fall = end + (peak - end) * (1 + np.cos(np.pi * down)) / 2
    np.testing.assert_allclose(rates, [*rise, *fall[1:]], rtol=1e-12)


def test_a_plateau_ends_low_enough():
    schedule = Plateau(1.0, Patience(0, 1.0))
    rates = [schedule(0, 0.0) for _ in range(50)]
    assert 1e-7 < rates[-1] <= 1e-6


def test_a_plateau_of_the_score_lowers_the_rate():
    schedule = Plateau(1.0, Patience(1, 0.0))
    # The third score in a row below the best uses one epoch of patience up.
    rates = [schedule(0, score) for score in (0.5, 0.4, 0.4, 0.4, 0.4, 0.6, 0.5, 0.5)]
    assert rates == pytest.approx([1, 1, 0.2, 0.2, 0.04, 0.04, 0.04, 0.008])
    assert schedule.on_plateau()[0]


@pytest.mark.parametrize(("n", "waits"), [(1, 0), (4, 2), (10, 5), (50, 5), (float("inf"), 5)])
def test_a_plateau_is_seen_before_the_training_stops(n, waits):
    schedule = Plateau.within(1.0, n, 0.0)
    rates = [schedule(0, score) for score in [1.0] + [0.0] * (waits + 1)]
    assert rates == [1.0] * (waits + 1) + [0.2]
