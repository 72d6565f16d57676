"""How long to think: a clock -> seconds for this move.

Main time is dealt out over the moves that are still expected, a quarter more of it than their share, since many
searches end before their time. Overtime is used up to a margin, since what is left of a period is lost anyway; while
there is main time before it, a move has half as much again as it will have then. Were a move worth the logarithm of its
seconds, e times as much would be best (n moves of M / n seconds, the others of p: n = M / (e p)); less does not spend
all of it on the opening.

The margin covers what the clock counts and the search does not see: the way of the answer to the host, and a batch of
evaluations that ends late. A reserve of the main time is never dealt out where nothing comes after it; it pays for the
moves of a game that goes on for longer than anyone expects.
"""

from __future__ import annotations

from gogame.player import Clock

LAG = 0.25  # seconds of a move that are not ours
LEAST = 0.01  # seconds: with no time left, play at once
AHEAD = 1.25  # of a move's share of the main time is dealt out
ABOVE_OVERTIME = 1.55  # of what overtime gives a move is dealt out while there is main time
RESERVE_SHARE = 0.03  # of the main time
RESERVE = 1.0  # seconds of main time kept back, where there are that many


def moves_left(size: int, move_number: int) -> int:
    """Own moves still expected. Games end near 0.7 moves a point of the board; a share of that is always ahead."""
    area = size * size
    expected = (0.75 * area - move_number) / 2
    return max(round(expected), round(0.12 * area), 6)


def seconds_for_move(clock: Clock, size: int, move_number: int, lag: float = LAG) -> float | None:
    """Seconds to think about this move, or None where there is no limit.

    With moves that take at most ``lag`` longer than they are given, no time control is ever lost, unless the game
    goes on when even the reserve of an absolute clock is used up.
    """
    settings = clock.settings
    if settings.system == "none":
        return None
    left, period, count = clock.seconds, settings.period, max(settings.count, 1)
    margin = lag + 0.02 * min(period, 20.0) if period else lag
    least = min(LEAST, max(left, 0.0) / 4)
    # A Canadian period is one pot: its margin must be there for every stone still due.
    if clock.count > 0:
        return max((left if settings.system == "byoyomi" else left / clock.count) - margin, least)
    overtime = (period if settings.system == "byoyomi" else period / count) - margin
    due = moves_left(size, move_number)
    if settings.system in ("byoyomi", "canadian") and settings.count > 0 and overtime > LEAST:
        # The last move of the main time runs on into the first period, and not out of it.
        return min(max(AHEAD * left / due, ABOVE_OVERTIME * overtime), left + overtime)
    reserve = min(RESERVE + RESERVE_SHARE * settings.main, left / 2)
    seconds = AHEAD * (left - reserve) / due
    if settings.system == "fischer":
        return max(min(seconds + period - margin, 0.5 * left - lag, settings.most - lag), least)
    return max(min(seconds, 0.5 * left) - lag, least)
