"""How long to think: a clock -> seconds for this move.

Main time is dealt out over the moves that are still expected, a little more of it early; overtime is used up to a
margin, since what is left of a period is lost anyway. The margin covers what the clock counts and the search does not
see: the way of the answer to the host, and a batch of evaluations that ends late. A reserve of the main time is never
dealt out; it pays for the moves of a game that goes on for longer than anyone expects.
"""

from __future__ import annotations

from gogame.player import Clock

LAG = 0.25  # seconds of a move that are not ours
LEAST = 0.01  # seconds: with no time left, play at once
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
    margin = lag + 0.02 * min(settings.period, 20.0) if settings.period else lag
    if clock.count > 0:
        share = clock.seconds if settings.system == "byoyomi" else clock.seconds / clock.count
        # A Canadian period is one pot: its margin must be there for every stone still due.
        return max(share - margin, min(LEAST, clock.seconds / 4))
    left = clock.seconds
    due = moves_left(size, move_number)
    reserve = min(RESERVE + RESERVE_SHARE * settings.main, left / 2)
    seconds = (left - reserve) / due
    if settings.system == "fischer":
        seconds = min(seconds + settings.period - margin, 0.5 * left - lag, settings.most - lag)
    elif settings.system == "byoyomi" and settings.count > 0:
        seconds = max(seconds, settings.period - margin)  # may run on into the first period, and not out of it
    elif settings.system == "canadian" and settings.count > 0:
        seconds = max(seconds, settings.period / settings.count - margin)
    else:
        seconds = min(seconds, 0.5 * left) - lag
    return max(seconds, min(LEAST, max(left, 0.0) / 4))
