"""The kernels of the replay window: a game replayed into packed samples, and samples unpacked into a batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gogame.board import BLACK, Board, copy_into, is_legal, new_board, play
from gogame.geometry import PASS
from gogame.kernel import copy_values, kernel
from gogame.rules import RuleSet
from mcts.superko import bar_repeats, fill_legal, note_seen, superko_key
from nets.config import GLOBALS, PLANES
from nets.planes import HISTORY, PlaneScratch, fill_planes, new_plane_scratch


class Samples(NamedTuple):
    """C positions to learn from, a ring; all from the mover's view. A = S*S + 1 actions."""

    planes: np.ndarray  # uint8 [C, PLANES, ceil(S*S / 8)] a bit for each point, lowest first
    globals: np.ndarray  # float32 [C, GLOBALS]
    policy: np.ndarray  # uint8 [C, A] sums to about 255; all 0 where there is no target
    value: np.ndarray  # float32 [C] target in [-1, 1]
    score: np.ndarray  # float32 [C] points, komi included
    ownership: np.ndarray  # int8 [C, S*S]
    flags: np.ndarray  # uint8 [C] REPLIED, COUNTED


REPLIED = 1  # the next sample of the ring is the opponent's move in the same game
COUNTED = 2  # the game was played to its end: score and ownership are true


class Replay(NamedTuple):
    """Work space for one board size, N = (size + 2)²."""

    empty: Board
    board: Board
    seen: np.ndarray  # uint64 [power of two] superko keys
    legal: np.ndarray  # uint8 [N]
    forbidden: np.ndarray  # uint8 [N]
    recent: np.ndarray  # int16 [HISTORY]
    flat: np.ndarray  # uint8 [PLANES, S, S]
    scratch: PlaneScratch


def new_samples(size: int, capacity: int) -> Samples:
    """Room for ``capacity`` positions. The system commits the memory as it is filled."""
    area = size * size
    return Samples(
        planes=np.zeros((capacity, PLANES, -(-area // 8)), np.uint8),
        globals=np.zeros((capacity, GLOBALS), np.float32),
        policy=np.zeros((capacity, area + 1), np.uint8),
        value=np.zeros(capacity, np.float32),
        score=np.zeros(capacity, np.float32),
        ownership=np.zeros((capacity, area), np.int8),
        flags=np.zeros(capacity, np.uint8),
    )


def new_replay(size: int, moves: int) -> Replay:
    """The work space for games of at most ``moves`` moves."""
    points = (size + 2) ** 2
    return Replay(
        new_board(size),
        new_board(size),
        np.zeros(1 << int(np.ceil(np.log2(2 * moves + 64))), np.uint64),
        np.zeros(points, np.uint8),
        np.zeros(points, np.uint8),
        np.zeros(HISTORY, np.int16),
        np.zeros((PLANES, size, size), np.uint8),
        new_plane_scratch(size),
    )


def value_targets(value: np.ndarray, result: float, mix: float, decay: float) -> np.ndarray:
    """float32 [T]: (1 - mix) * result + mix * lambda-return of the searched values, mover's view.

    ``value`` [T]: the root values, mover's view; ``result``: 1, 0, -1 for Black; ``decay``: the lambda of
    R_t = (1 - lambda) v_{t+1} + lambda R_{t+1}, whose last is the result (Sutton & Barto, section 12.1).
    """
    sign = np.where(np.arange(len(value)) % 2 == 0, 1.0, -1.0)
    black = value.astype(np.float64) * sign
    returns = np.full(len(value), result, np.float64)
    for t in range(len(value) - 2, -1, -1):
        returns[t] = (1 - decay) * black[t + 1] + decay * returns[t + 1]
    return (sign * ((1 - mix) * result + mix * returns)).astype(np.float32)


@kernel
def expand_game(
    samples: Samples,
    at: int,
    replay: Replay,
    points: np.ndarray,
    ruleset: RuleSet,
    actions: np.ndarray,
    policy: np.ndarray,
    value: np.ndarray,
    opening: int,
    score: float,
    ownership: np.ndarray,
    counted: bool,
) -> int:
    """Replays a game and writes the positions that have a policy target, from move ``opening`` on, into the ring from
    slot ``at``.

    ``points`` int16 [S*S]: action -> point; ``value`` float32 [T]: the targets. Returns the number of samples, or
    -1 - t where move t is illegal (then the slots hold nothing of use).
    """
    board, color, slots = replay.board, BLACK, samples.value.size
    copy_into(board, replay.empty)
    replay.seen[:] = 0
    replay.recent[:] = -1
    added = 0
    note_seen(replay.seen, superko_key(board.hash[0], color, ruleset.superko))
    for t in range(actions.size):
        point = PASS if actions[t] == points.size else np.int64(points[actions[t]])
        if not is_legal(board, point, color, ruleset.suicide != 0):
            return -1 - t
        if t >= opening and policy[t].any():
            slot = (at + added) % slots
            added += 1
            if fill_legal(board, color, ruleset, replay.legal, replay.forbidden) > 0:
                bar_repeats(board, color, replay.seen, ruleset, replay.legal, replay.forbidden)
            fill_planes(
                board,
                color,
                replay.recent,
                ruleset,
                replay.forbidden,
                replay.scratch,
                replay.scratch.upright,
                replay.flat,
                samples.globals[slot],
            )
            _pack(replay.flat, samples.planes[slot])
            copy_values(samples.policy[slot], policy[t])
            samples.value[slot] = value[t]
            sign = 1 if color == BLACK else -1
            samples.score[slot] = sign * score
            for action in range(ownership.size):
                samples.ownership[slot, action] = sign * ownership[action]
            replied = t + 1 < actions.size and policy[t + 1].any()
            samples.flags[slot] = (REPLIED if replied else 0) | (COUNTED if counted else 0)
        play(board, point, color)
        color = 3 - color
        for k in range(HISTORY - 1, 0, -1):
            replay.recent[k] = replay.recent[k - 1]
        replay.recent[0] = point
        note_seen(replay.seen, superko_key(board.hash[0], color, ruleset.superko))
    return added


@kernel
def _pack(flat: np.ndarray, packed: np.ndarray) -> None:
    """uint8 [PLANES, S, S] of 0 and 1 into uint8 [PLANES, ceil(S*S / 8)]."""
    size = flat.shape[1]
    packed[:] = 0
    for plane in range(flat.shape[0]):
        marks = flat[plane].reshape(size * size)
        for action in range(size * size):
            if marks[action]:
                packed[plane, action >> 3] |= np.uint8(1 << (action & 7))


@kernel
def gather(
    samples: Samples,
    slots: np.ndarray,
    symmetry: np.ndarray,
    turn: np.ndarray,
    planes: np.ndarray,
    globals_: np.ndarray,
    policy: np.ndarray,
    reply: np.ndarray,
    weight: np.ndarray,
    value: np.ndarray,
    score: np.ndarray,
    ownership: np.ndarray,
) -> None:
    """Unpacks the samples at ``slots`` int64 [B], each turned by ``symmetry[turn[b]]``, into a training batch.

    ``weight`` float32 [3, B]: of the policy, of the reply, of score and ownership. The others as in nets.train.
    """
    size, capacity = planes.shape[2], samples.value.size
    for b in range(slots.size):
        slot, table = slots[b], symmetry[turn[b]]
        for plane in range(planes.shape[1]):
            turned = planes[b, plane].reshape(size * size)
            for action in range(size * size):
                turned[table[action]] = (samples.planes[slot, plane, action >> 3] >> (action & 7)) & 1
        copy_values(globals_[b], samples.globals[slot])
        weight[0, b] = turned_policy(samples.policy[slot], table, policy[b])
        weight[1, b] = 0.0
        reply[b, :] = 0.0
        if samples.flags[slot] & REPLIED:
            weight[1, b] = turned_policy(samples.policy[(slot + 1) % capacity], table, reply[b])
        weight[2, b] = 1.0 if samples.flags[slot] & COUNTED else 0.0
        value[b, 0] = 0.5 + 0.5 * samples.value[slot]
        value[b, 1] = 0.5 - 0.5 * samples.value[slot]
        value[b, 2] = 0.0
        score[b] = samples.score[slot]
        owned = ownership[b].reshape(size * size)
        for action in range(size * size):
            owned[table[action]] = samples.ownership[slot, action]


@kernel
def turned_policy(counts: np.ndarray, table: np.ndarray, out: np.ndarray) -> float:
    """A stored policy as a distribution, turned; returns 1.0, or 0.0 where there is no target."""
    total = 0
    for action in range(counts.size):
        total += counts[action]
    for action in range(counts.size):
        out[table[action]] = counts[action] / total if total > 0 else 0.0
    return 1.0 if total > 0 else 0.0
