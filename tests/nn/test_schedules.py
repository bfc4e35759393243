import pytest

from skreg.nn.schedules import Adaptive, Constant, InverseScaling


def test_constant():
    schedule = Constant(0.1)
    assert [schedule(n_seen) for n_seen in (0, 10, 1000)] == [0.1, 0.1, 0.1]
    assert schedule.on_plateau() == (True, "Stopping.")


def test_inverse_scaling_is_its_formula():
    schedule = InverseScaling(0.5, power_t=0.25)
    assert schedule(0) == 0.5
    assert schedule(15) == pytest.approx(0.5 / 16**0.25)
    assert schedule.on_plateau()[0]


def test_adaptive_divides_by_five_until_too_small():
    schedule = Adaptive(1e-4)
    rates = []
    while not schedule.on_plateau()[0]:
        rates.append(schedule(0))
    assert rates == pytest.approx([2e-5, 4e-6, 8e-7])
