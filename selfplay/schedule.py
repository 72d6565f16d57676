"""What follows the clock: the learning rate and the simulations of a move, from the share of the planned time,
and when the games are over."""

from __future__ import annotations

from selfplay.config import RunConfig


def learning_rate(config: RunConfig, seconds: float) -> float:
    """The learning rate after so many seconds of the run's planned time.

    A third of the peak for the first minute, then the peak, then a tenth of it from each share in ``drops`` on.
    """
    schedule = config.schedule
    total = 60 * config.run.total_minutes
    peak = schedule.lr_per_sample * config.learn.batch
    if seconds < min(60 * schedule.warmup_minutes, schedule.warmup_share * total):
        return peak / 3
    return float(peak * 0.1 ** sum(seconds >= share * total for share in schedule.drops))


def simulations(config: RunConfig, seconds: float) -> int:
    """Simulations of a move after so many seconds of the run's planned time."""
    schedule = config.schedule
    share = seconds / (60 * config.run.total_minutes)
    started = [n for n, begin in zip(schedule.simulations, schedule.simulations_at, strict=True) if share >= begin]
    return started[-1] if started else schedule.simulations[0]


def plays(config: RunConfig, seconds: float) -> bool:
    """Whether games are still played after so many seconds of the planned time."""
    return seconds < config.schedule.play_until * 60 * config.run.total_minutes
