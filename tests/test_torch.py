"""torch agrees on gradients and on update rules."""

import numpy as np
import pytest
from terms import regularizer

from skreg.nn import activations
from skreg.nn.architecture import dense, dense_network
from skreg.nn.data import Data
from skreg.nn.log_losses import (
    BinaryLogLoss,
    MultinomialLogLoss,
    SmoothedBinaryLogLoss,
    SmoothedMultinomialLogLoss,
)
from skreg.nn.losses import AbsoluteError, Gamma, Huber, Poisson, Quantile, SquaredError
from skreg.nn.monitor import Monitor
from skreg.nn.objective import Objective
from skreg.nn.optimizers import SGD, Adam
from skreg.nn.parameters import Parameters
from skreg.nn.penalties import MaxNorm
from skreg.nn.sampling import thin
from skreg.nn.schedules import Constant, Cosine, OneCycle, Plateau
from skreg.nn.stochastic import StochasticSolver
from skreg.nn.stopping import Patience
from skreg.nn.training import State

torch = pytest.importorskip("torch")
F = torch.nn.functional

N_ROWS, UNITS = 32, (6, 8, 5, 3)
# Of these torch leaves out what does not depend on the prediction.
UP_TO_A_CONSTANT = {"poisson", "gamma"}


def two_logits_with_smoothing(raw, y, smoothing):
    """Cross-entropy of two classes for every output: the logit of the first is zero."""
    logits = torch.stack([torch.zeros_like(raw), raw], dim=1)
    return F.cross_entropy(logits, y.long(), reduction="none", label_smoothing=smoothing)


LOSSES = {
    "squared_error": (SquaredError, lambda raw, y: 0.5 * (raw - y).square().sum(dim=1)),
    "absolute_error": (
        AbsoluteError,
        lambda raw, y: F.l1_loss(raw, y, reduction="none").sum(dim=1),
    ),
    "quantile": (
        lambda: Quantile(0.8),
        lambda raw, y: torch.maximum(0.8 * (y - raw), 0.2 * (raw - y)).sum(dim=1),
    ),
    "huber": (
        lambda: Huber(0.7),
        lambda raw, y: F.huber_loss(raw, y, reduction="none", delta=0.7).sum(dim=1),
    ),
    "poisson": (
        Poisson,
        lambda raw, y: F.poisson_nll_loss(raw, y, reduction="none").sum(dim=1),
    ),
    "gamma": (
        Gamma,
        lambda raw, y: -torch.distributions.Gamma(1.0, torch.exp(-raw)).log_prob(y).sum(dim=1),
    ),
    "binary": (
        BinaryLogLoss,
        lambda raw, y: F.binary_cross_entropy_with_logits(raw, y, reduction="none").sum(dim=1),
    ),
    "smoothed binary": (
        lambda: SmoothedBinaryLogLoss(0.3),
        lambda raw, y: two_logits_with_smoothing(raw, y, 0.3).sum(dim=1),
    ),
    "multinomial": (
        MultinomialLogLoss,
        lambda raw, y: F.cross_entropy(raw, y, reduction="none"),
    ),
    "smoothed multinomial": (
        lambda: SmoothedMultinomialLogLoss(0.3),
        lambda raw, y: F.cross_entropy(raw, y, reduction="none", label_smoothing=0.3),
    ),
}
ACTIVATIONS = {
    "logistic": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "identity": torch.nn.Identity,
    "leaky_relu": torch.nn.LeakyReLU,
    "elu": torch.nn.ELU,
    "selu": torch.nn.SELU,
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    # Beyond its threshold torch takes the function for linear.
    "softplus": lambda: torch.nn.Softplus(threshold=50),
}
MIXED = [("gelu", "silu"), ("softplus", "relu"), ("identity", "selu")]


def targets(kind, rng):
    if kind.endswith("binary"):
        return rng.integers(0, 2, (N_ROWS, 3)).astype(float)
    if kind.endswith("multinomial"):
        return rng.integers(0, 3, N_ROWS)
    if kind == "poisson":
        return rng.poisson(2.0, (N_ROWS, 3)).astype(float)
    if kind == "gamma":
        return rng.gamma(2.0, size=(N_ROWS, 3))
    return rng.standard_normal((N_ROWS, 3))


class Pair:
    """The same network, weights and data here and in torch."""

    def __init__(self, kind, activation, rng, l2=0.0):
        loss, self.torch_loss = LOSSES[kind]
        self.params = Parameters.of(dense(UNITS))
        self.params.vector[:] = 0.5 * rng.standard_normal(len(self.params.vector))
        self.grads = self.params.like(np.zeros_like(self.params.vector))
        network = dense_network(
            self.params.weights, self.params.biases, activation, grads=self.grads
        )
        penalties = regularizer(self.params, l2=l2)
        self.objective = Objective(self.params, self.grads, network, loss(), penalties)
        X, y, weight = rng.standard_normal((N_ROWS, 6)), targets(kind, rng), rng.random(N_ROWS)
        self.data = Data(X, y, weight)
        self.X, self.y, self.weight = map(torch.from_numpy, (X, y, weight))
        self.l2 = l2

        modules = []
        names = [*np.broadcast_to(activation, len(UNITS) - 2), "identity"]
        for W, b, name in zip(self.params.weights, self.params.biases, names, strict=True):
            linear = torch.nn.Linear(*W.shape, dtype=torch.float64)
            linear.weight.data = torch.tensor(W.T.copy())
            linear.bias.data = torch.tensor(b.copy())
            modules += [linear, ACTIVATIONS[name]()]
        self.module = torch.nn.Sequential(*modules[:-1])
        self.linears = modules[::2]

    def torch_objective(self):
        terms = self.torch_loss(self.module(self.X), self.y)
        penalty = sum(linear.weight.square().sum() for linear in self.linears)
        return (self.weight * terms).sum() / self.weight.sum() + self.l2 / 2 * penalty

    def evaluate(self):
        return self.objective.evaluate(self.data, self.data.total_weight(N_ROWS))

    def assert_same(self, ours, of_torch):
        for W, b, linear in zip(ours.weights, ours.biases, self.linears, strict=True):
            np.testing.assert_allclose(W, of_torch(linear.weight).T, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(b, of_torch(linear.bias), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("activation", [*ACTIVATIONS, *MIXED])
def test_gradients(kind, activation, rng):
    pair = Pair(kind, activation, rng, l2=0.3)
    value = pair.evaluate()
    theirs = pair.torch_objective()
    theirs.backward()
    if kind not in UP_TO_A_CONSTANT:
        np.testing.assert_allclose(value, theirs.item(), rtol=1e-12)
    pair.assert_same(pair.grads, lambda tensor: tensor.grad.numpy())


def epsilon_of_torch(adam):
    """torch adds epsilon after the bias correction, we do before."""
    return adam.epsilon / np.sqrt(1 - adam.beta_2 ** (adam.t + 1))


def weights_decay(parameters, decay):
    """Parameter groups of torch in which weights decay and biases do not."""
    parameters = list(parameters)
    return [
        {"params": parameters[::2], "weight_decay": decay},
        {"params": parameters[1::2], "weight_decay": 0.0},
    ]


OPTIMIZERS = {
    "sgd": (lambda: SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (
        lambda: SGD(0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    ),
    "nesterov": (
        lambda: SGD(0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
    ),
    "adam": (
        lambda: Adam(0.01, 0.8, 0.95, epsilon=1e-3),
        lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.95)),
    ),
    # Biases decay in torch unless they are told not to.
    "adamw": (
        lambda: Adam(0.01, 0.8, 0.95, epsilon=1e-3, weight_decay=3.0),
        lambda p: torch.optim.AdamW(weights_decay(p, 3.0), 0.01, (0.8, 0.95)),
    ),
    # torch has no SGDW; with its own, coupled decay and no momentum the two agree.
    "sgdw": (
        lambda: SGD(0.01, weight_decay=3.0),
        lambda p: torch.optim.SGD(weights_decay(p, 3.0), 0.01),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("kind", LOSSES)
def test_ten_steps(name, kind, rng):
    assert_same_after_ten_steps(Pair(kind, "tanh", rng), name)


@pytest.mark.parametrize("activation", ["gelu", *MIXED])
@pytest.mark.parametrize("name", ["nesterov", "adam"])
def test_ten_steps_with_other_activations(name, activation, rng):
    assert_same_after_ten_steps(Pair("multinomial", activation, rng), name)


def assert_same_after_ten_steps(pair, name):
    make_ours, make_theirs = OPTIMIZERS[name]
    ours, theirs = make_ours(), make_theirs(pair.module.parameters())
    ours.init(pair.params.vector, pair.objective.weights)
    for _ in range(10):
        if name.startswith("adam"):
            for group in theirs.param_groups:
                group["eps"] = epsilon_of_torch(ours)
        pair.evaluate()
        ours.step(pair.objective.theta, pair.objective.gradient)
        theirs.zero_grad()
        pair.torch_objective().backward()
        theirs.step()
    pair.assert_same(pair.params, lambda tensor: tensor.detach().numpy())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS.keys() - {"identity"}))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_and_their_derivatives(name, dtype):
    largest = np.finfo(dtype).max / 2
    extremes = [0.0, 1e-30, 1e-8, 1e-3, 5.0, 12.0, 40.0, 90.0, 800.0, 1e18, 1e30, largest]
    x = np.concatenate([np.linspace(-10, 10, 401), extremes, np.negative(extremes)])
    x = x.astype(dtype)[np.newaxis]
    theirs = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    values = ACTIVATIONS[name]()(theirs)
    values.sum().backward()
    layer = activations.ACTIVATIONS[name]()
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        out = layer.forward(x).copy()
        slope = layer.input_gradient(np.ones_like(x))
    close = {"rtol": 8 * np.finfo(dtype).eps, "atol": 8 * np.finfo(dtype).eps}
    assert out.dtype == slope.dtype == dtype
    np.testing.assert_allclose(out, values.detach().numpy(), **close)
    np.testing.assert_allclose(slope, theirs.grad.numpy(), **close)


@pytest.mark.parametrize("rates", [(0.0, 0.5, 0.2), (0.3, 0.0, 0.4)])
def test_draws_spread_as_dropout_in_training_does(rates, rng):
    pair, n_draws = Pair("squared_error", ("gelu", "relu"), rng), 4000
    weights, masks = pair.params.weights, np.random.default_rng(0)
    ours = np.stack(
        [
            dense_network(
                thin(weights, rates, masks), pair.params.biases, ("gelu", "relu")
            ).predict(pair.X.numpy())
            for _ in range(n_draws)
        ]
    )
    modules = [torch.nn.Dropout(rates[0])]
    for linear, activation, rate in zip(
        pair.linears, [*pair.module[1::2], torch.nn.Identity()], [*rates[1:], 0.0], strict=True
    ):
        modules += [linear, activation, torch.nn.Dropout(rate)]
    torch.manual_seed(0)
    module = torch.nn.Sequential(*modules).train()
    with torch.no_grad():
        theirs = torch.stack([module(pair.X) for _ in range(n_draws)]).numpy()
    error = np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) / theirs.std(axis=0)
    assert error.max() < 0.12
    np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), rtol=0.15)


def test_max_norm_is_renorm(rng):
    w = rng.standard_normal((6, 4))
    expected = torch.renorm(torch.from_numpy(w.copy()), p=2, dim=1, maxnorm=1.5).numpy()
    MaxNorm(1.5).prox(w, 0.1)
    # torch divides by norm + 1e-7.
    np.testing.assert_allclose(w, expected, rtol=1e-6)


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("max_norm", [0.05, 0.5, 50.0])
def test_steps_along_clipped_gradients(max_norm, l2, rng):
    pair = Pair("squared_error", "tanh", rng, l2=l2)
    optimizer = SGD(0.1, momentum=0.9)
    optimizer.init(pair.objective.theta)
    theirs = torch.optim.SGD(pair.module.parameters(), 0.1, momentum=0.9)
    state = State(pair.objective.theta, optimizer=optimizer, schedule=Constant(0.1))
    solver = StochasticSolver(state, N_ROWS, max_grad_norm=max_norm)
    solver.solve(pair.objective, pair.data, Monitor(state), n_epochs=10)
    norms = []
    for _ in range(10):
        theirs.zero_grad()
        pair.torch_objective().backward()
        norms.append(torch.nn.utils.clip_grad_norm_(pair.module.parameters(), max_norm).item())
        theirs.step()
    assert (max(norms) > max_norm) == (max_norm < 50)
    # torch divides by norm + 1e-6.
    for linear, weight in zip(pair.linears, pair.params.weights, strict=True):
        np.testing.assert_allclose(linear.weight.detach().numpy().T, weight, rtol=1e-4)


def rates_of_torch(make_schedule, n_epochs):
    """Learning rates before each epoch, and after the last."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    schedule = make_schedule(optimizer)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(n_epochs):
        optimizer.step()
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("n_epochs", [1, 2, 10, 37])
def test_cosine(n_epochs):
    schedule = Cosine(0.1, n_epochs)
    expected = rates_of_torch(
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_epochs),
        n_epochs,
    )
    rates = [schedule.learning_rate] + [schedule(0, 0.0) for _ in range(n_epochs)]
    np.testing.assert_allclose(rates, expected, atol=1e-15)


@pytest.mark.parametrize("n_epochs", [4, 10, 37])
def test_one_cycle(n_epochs):
    schedule = OneCycle(0.1, n_epochs)
    # torch counts the rise from one step earlier.
    expected = rates_of_torch(
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            0.1,
            total_steps=n_epochs,
            pct_start=(0.3 * (n_epochs - 1) + 1) / n_epochs,
            cycle_momentum=False,
        ),
        n_epochs - 1,
    )
    rates = [schedule.learning_rate] + [schedule(0, 0.0) for _ in range(n_epochs - 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-10, atol=1e-15)


def test_plateau():
    scores = np.repeat([0.1, 0.5, 0.4, 0.6, 0.6], [2, 5, 9, 1, 12])
    schedule = Plateau(0.1, Patience(3, 1e-9))
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.1)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, "max", factor=0.2, patience=3, threshold=1e-9
    )
    rates = []
    for score in scores:
        theirs.step(score)
        rates.append((schedule(0, score), optimizer.param_groups[0]["lr"]))
    ours, expected = np.transpose(rates)
    assert len(set(ours)) > 3
    np.testing.assert_allclose(ours, expected)
