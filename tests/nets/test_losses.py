"""Each loss against a figure worked out by hand, and at its minimum where the target says."""

from __future__ import annotations

import math

import pytest
import torch

from nets import losses
from nets.config import SCORE_SCALE


def test_policy_is_cross_entropy_in_nats_over_the_weighted_samples():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0]])
    target = torch.tensor([[0.25, 0.25, 0.25, 0.25], [0.0, 1.0, 0.0, 0.0]])
    both = losses.policy_loss(logits, target, torch.ones(2))
    wrong = math.log(math.exp(5) + 3)
    assert both.item() == pytest.approx((math.log(4) + wrong) / 2, rel=1e-5)
    assert losses.policy_loss(logits, target, torch.tensor([1.0, 0.0])).item() == pytest.approx(math.log(4))
    assert losses.policy_loss(logits, target, torch.tensor([3.0, 1.0])).item() == pytest.approx(
        (3 * math.log(4) + wrong) / 4, rel=1e-5
    )


def test_no_sample_gives_no_loss_and_no_gradient():
    logits = torch.randn(3, 5, requires_grad=True)
    loss = losses.policy_loss(logits, torch.zeros(3, 5), torch.zeros(3))
    loss.backward()
    assert loss.item() == 0 and torch.count_nonzero(logits.grad) == 0


def test_value_takes_soft_results():
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25]]))
    target = torch.tensor([[0.5, 0.5, 0.0]])
    assert losses.value_loss(logits, target).item() == pytest.approx(-0.5 * math.log(0.5) - 0.5 * math.log(0.25))


def test_ownership_is_least_where_the_tanh_is_the_target():
    target = torch.full((1, 3, 3), 0.4)
    best = torch.full((1, 3, 3), math.atanh(0.4))
    at_best = losses.ownership_loss(best, target, torch.ones(1))
    p = 0.7  # (1 + 0.4) / 2
    assert at_best.item() == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p), rel=1e-5)
    for shift in (-0.1, 0.1):
        assert losses.ownership_loss(best + shift, target, torch.ones(1)) > at_best


def test_score_mean_is_squared_near_and_linear_far():
    score = torch.tensor([[4.0, 1.0]])
    near = losses.score_mean_loss(score, torch.tensor([0.0]), torch.ones(1))
    assert near.item() == pytest.approx(0.5 * (4 / SCORE_SCALE) ** 2)
    far = [losses.score_mean_loss(score, torch.tensor([x]), torch.ones(1)).item() for x in (100.0, 200.0, 300.0)]
    assert far[2] - far[1] == pytest.approx(far[1] - far[0])


def test_score_spread_is_a_proper_score():
    """Over normal results of spread 7, the loss is least for a spread of 7, and is the CRPS there."""
    torch.manual_seed(0)
    results = 3 + 7 * torch.randn(200_000)
    figures = {}
    for spread in (5.0, 6.5, 7.0, 7.5, 9.0):
        score = torch.tensor([[3.0, spread]]).expand(len(results), 2)
        figures[spread] = losses.score_spread_loss(score, results, torch.ones(len(results))).item()
    assert min(figures, key=figures.get) == 7.0
    assert figures[7.0] == pytest.approx(7 / SCORE_SCALE / math.sqrt(math.pi), rel=0.01)


def test_score_spread_leaves_the_mean_alone():
    score = torch.tensor([[3.0, 7.0]], requires_grad=True)
    losses.score_spread_loss(score, torch.tensor([20.0]), torch.ones(1)).backward()
    assert score.grad[0, 0] == 0 and score.grad[0, 1] < 0


def test_losses_stay_finite_at_extremes():
    score = torch.tensor([[1e4, 1e-9], [-1e4, 1e6]], requires_grad=True)
    target = torch.tensor([-361.0, 361.0])
    loss = losses.score_mean_loss(score, target, torch.ones(2)) + losses.score_spread_loss(score, target, torch.ones(2))
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(score.grad).all()
