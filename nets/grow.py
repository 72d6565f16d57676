"""A larger network that computes what a smaller one does, so that a run can go on with more capacity.

More blocks and more channels, as in Net2Net (Chen, Goodfellow & Shlens 2016, arXiv:1511.05641), but made otherwise: a
new channel has random weights on its way in and none on its way to the old ones, and a new block ends with a
normalisation of weight 0, which the skip connection makes the identity. The first step of training changes both.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nets.config import GLOBALS, PLANES, NetConfig, NetError, tensor_shapes

Slots = np.ndarray  # int [n]: where the n old channels lie among the new ones


def placed_blocks(small: NetConfig, large: NetConfig) -> list[int]:
    """For each block of ``small`` the block of ``large`` that takes its place, in order.

    NetError, with the reason, if ``large`` cannot compute everything that ``small`` does.
    """
    if small.trunk != large.trunk:
        raise NetError(f"a {small.trunk} network cannot become a {large.trunk} one")
    parts = ["blocks", "channels", "pool_channels", "policy_channels", "value_channels", "value_hidden"]
    parts += ["bottleneck_channels"] if small.trunk == "bottleneck" else []
    for part in parts:
        had, has = getattr(small, part), getattr(large, part)
        if had > has:
            raise NetError(f"{large} is not larger than {small} in every part: {part} is {has}, and was {had}")
    if not small.skip and small.blocks < large.blocks:
        raise NetError(f"a {small.trunk} network has no skip connections, and cannot get more blocks")
    places: list[int] = []
    for block in range(small.blocks):
        first = places[-1] + 1 if places else 0
        fitting = [b for b in range(first, large.blocks) if _fits(small, block, large, b)]
        if not fitting:
            raise NetError(
                f"the blocks with global pooling of {small} do not fit into those of {large}: "
                f"{_why_not(small, block, large, first)}"
            )
        places.append(fitting[0])
    return places


def _kept(config: NetConfig, block: int) -> int:
    """Channels of a block that are not pooled, and go on to its next convolution."""
    return config.inner_channels - (config.pool_channels if block in config.pool_blocks else 0)


def _fits(small: NetConfig, block: int, large: NetConfig, place: int) -> bool:
    pools = block not in small.pool_blocks or place in large.pool_blocks
    return pools and _kept(small, block) <= _kept(large, place)


def _why_not(small: NetConfig, block: int, large: NetConfig, first: int) -> str:
    """Why no block of ``large``, from ``first`` on, takes the place of one of ``small``."""
    pools = block in small.pool_blocks
    left = [b for b in range(first, large.blocks) if not pools or b in large.pool_blocks]
    if not left:
        now, before = list(large.pool_blocks), list(small.pool_blocks)
        return f"none is left for block {block}; pool_blocks is {now}, and was {before}"
    most = max(_kept(large, place) for place in left)
    return f"block {block} has {_kept(small, block)} channels that are not pooled, the other's have {most} at most"


def grown(
    small: NetConfig, arrays: Mapping[str, np.ndarray], large: NetConfig, fresh: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Tensors of ``large`` that compute what ``arrays``, those of ``small``, do; both as ``tensor_shapes`` says.

    ``fresh``: the tensors of a network of ``large`` before training, which the new channels and blocks begin with.
    NetError if ``large`` is not larger in every part.
    """
    places = placed_blocks(small, large)
    out = {name: np.array(fresh[name], np.float32) for name in tensor_shapes(large)}
    for block in set(range(large.blocks)) - set(places):
        last = f"blocks.{block}.convs.{len(large.block_convs(block)) - 1}.norm"
        out[f"{last}.weight"][:] = 0
        out[f"{last}.bias"][:] = 0

    def put(name: str, old_name: str, to: Slots, of: Slots | None = None) -> None:
        """Writes an old tensor into a new one: rows ``to``, columns ``of``; its rows take nothing from new columns."""
        new, old = out[name], arrays[old_name]
        if of is None:
            new[to] = old
        else:
            new[to] = 0
            new[np.ix_(to, of)] = old

    def put_conv(name: str, old_name: str, to: Slots, of: Slots) -> None:
        put(f"{name}.conv.weight", f"{old_name}.conv.weight", to, of)
        for part in ("weight", "bias", "running_mean", "running_var"):
            put(f"{name}.norm.{part}", f"{old_name}.norm.{part}", to)

    trunk = np.arange(small.channels)
    pooled = _thirds(small.pool_channels, large.pool_channels)
    put_conv("stem", "stem", trunk, np.arange(PLANES))
    put("stem_globals.weight", "stem_globals.weight", trunk, np.arange(GLOBALS))
    for block, place in enumerate(places):
        name, old_name = f"blocks.{place}", f"blocks.{block}"
        kept = np.arange(_kept(small, block))
        pools = block in small.pool_blocks
        inner = np.append(kept, _kept(large, place) + np.arange(small.pool_channels)) if pools else kept
        maps = [(inner, trunk), (trunk, kept)]
        if len(small.block_convs(block)) == 3:  # a bottleneck, whose middle convolution gives all inner channels
            middle = np.arange(small.inner_channels)
            maps[1:] = [(middle, kept), (trunk, middle)]
        for conv, (to, of) in enumerate(maps):
            put_conv(f"{name}.convs.{conv}", f"{old_name}.convs.{conv}", to, of)
        if pools:
            put(f"{name}.pool.weight", f"{old_name}.pool.weight", kept, pooled)
        elif place in large.pool_blocks:
            out[f"{name}.pool.weight"][kept] = 0

    policy, features, hidden = (np.arange(n) for n in (small.policy_channels, small.value_channels, small.value_hidden))
    put_conv("policy.board", "policy.board", policy, trunk)
    put_conv("policy.pooled", "policy.pooled", np.arange(small.pool_channels), trunk)
    put_conv("value.features", "value.features", features, trunk)
    heads: tuple[tuple[str, Slots, Slots | None], ...] = (
        ("policy.bias.weight", policy, pooled),
        ("policy.out.weight", np.arange(2), policy),
        ("policy.pass_hidden.weight", policy, pooled),
        ("policy.pass_hidden.bias", policy, None),
        ("policy.pass_out.weight", np.arange(2), policy),
        ("policy.pass_out.bias", np.arange(2), None),
        ("value.ownership.weight", np.arange(1), features),
        ("value.hidden.weight", hidden, _thirds(small.value_channels, large.value_channels)),
        ("value.hidden.bias", hidden, None),
        ("value.value.weight", np.arange(3), hidden),
        ("value.value.bias", np.arange(3), None),
        ("value.score.weight", np.arange(2), hidden),
        ("value.score.bias", np.arange(2), None),
    )
    for name, to, columns in heads:
        put(name, name, to, columns)
    return out


def _thirds(small: int, large: int) -> Slots:
    """Where pooled features lie: three per channel, all channels' first ones before the second ones."""
    return (np.arange(3)[:, None] * large + np.arange(small)).ravel()
