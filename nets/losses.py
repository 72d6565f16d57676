"""The training losses, one function per target: each averages over the samples that count.

Everything is from the mover's view. Sources: AlphaGo Zero (policy, value), KataGo (others, arXiv:1902.10565).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from nets.config import SCORE_SCALE

SCORE_DELTA = 0.6  # Huber threshold of the score's mean, in units of SCORE_SCALE points (12 points)
MIN_SPREAD = 0.01  # floor of the spread inside its loss, in units of SCORE_SCALE points


def weighted_mean(loss: Tensor, weight: Tensor) -> Tensor:
    """Mean of ``loss`` [B] under ``weight`` [B]; 0 where every weight is 0."""
    return (loss * weight).sum() / weight.sum().clamp_min(1e-6)


def policy_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy in nats of logits [B, A] against a move distribution [B, A]; for the reply too."""
    return weighted_mean(-(target * F.log_softmax(logits.float(), dim=1)).sum(dim=1), weight)


def value_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy in nats between soft results (win, loss, no result) [B, 3] and logits [B, 3]."""
    return -(target * F.log_softmax(logits.float(), dim=1)).sum(dim=1).mean()


def ownership_loss(raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy in nats a point; ``raw`` [B, S, S] before the tanh, target in [-1, 1].

    (1 + tanh x) / 2 = sigmoid(2x) is the probability that the point ends up the mover's.
    """
    loss = F.binary_cross_entropy_with_logits(2 * raw.float(), (target + 1) / 2, reduction="none")
    return weighted_mean(loss.mean(dim=(1, 2)), weight)


def score_mean_loss(score: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Huber loss of the score's mean in units of SCORE_SCALE points: squared, then linear."""
    error = (score[:, 0].float() - target) / SCORE_SCALE
    return weighted_mean(F.huber_loss(error, torch.zeros_like(error), reduction="none", delta=SCORE_DELTA), weight)


def score_spread_loss(score: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """CRPS of a normal distribution around the predicted mean, in units of SCORE_SCALE points.

    Proper like the likelihood, but linear in the error, so that one lost group does not shake the training
    (Gneiting & Raftery 2007, eq. 21). The mean is held fixed: this loss teaches the spread alone.
    """
    spread = (score[:, 1].float() / SCORE_SCALE).clamp_min(MIN_SPREAD)
    z = (target - score[:, 0].float().detach()) / SCORE_SCALE / spread
    density = torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    crps = spread * (z * torch.erf(z / math.sqrt(2)) + 2 * density - 1 / math.sqrt(math.pi))
    return weighted_mean(crps, weight)
