"""The network that a training begins with: random, or with the weights of another one, grown to its shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nets.config import NetConfig, NetError
from nets.grow import grown, placed_blocks
from nets.ranges import stored_ranges
from nets.weights import DATA, NetInfo, find_net, load_net

if TYPE_CHECKING:
    from nets.model import Network


def kept_start(start: str, size: int) -> tuple[str, NetInfo]:
    """A start network, a name or a file, as a run's config keeps it (a file with its whole path), and what it is.

    NetError, in one line, if it cannot be had.
    """
    try:
        start.encode()
    except UnicodeEncodeError:
        raise NetError(f"--start: a name that is not UTF-8: {ascii(start)}") from None
    net = find_net(start, size)
    return net.name if net.path.parent == DATA else str(net.path.resolve()), net


def same_start(start: str, begun: str) -> bool:
    """Whether a run that was ``begun`` with a start network may be meant by ``start``: a file may lie elsewhere now."""
    return bool(begun) and Path(begun).name == Path(start).name


def check_start(start: str, shape: NetConfig, size: int) -> None:
    """NetError, in one line, unless the network ``start``, a name or a file, is there and can grow to ``shape``."""
    config, _, _ = load_net(find_net(start, size).path)
    try:
        placed_blocks(config, shape)
    except NetError as error:
        raise NetError(f"a network of {shape} cannot begin with {start}: {error}") from None


def start_ranges(start: str, shape: NetConfig, size: int) -> list[float] | None:
    """The ranges (:mod:`nets.ranges`) of a network that begins with ``start``: what its file gives for that board size.

    None where it gives none or is grown: new channels have activations of their own. NetError as :func:`check_start`.
    """
    if not start:
        return None
    config, _, meta = load_net(find_net(start, size).path)
    return stored_ranges(meta, config, size) if config == shape else None


def begun_with(start: str, shape: NetConfig, size: int, say: Callable[[str], object]) -> tuple[Network, str]:
    """A network of ``shape`` with the weights of ``start``, a name or a file, and what it is in words.

    "" is none: random weights, by torch's seed. ``say`` hears of growing. NetError as :func:`check_start`.
    """
    from nets.model import Network, export_arrays, import_arrays

    network = Network(shape)
    if not start:
        return network, ""
    path = find_net(start, size).path
    small, arrays, _ = load_net(path)
    origin = path.parent.name if path.name == "net.safetensors" else path.stem
    if small != shape:
        origin += f", grown from {small},"
        arrays = grown(small, arrays, shape, export_arrays(network))
        say(f"{start} grown from {small} to {shape}, playing as before")
    import_arrays(network, arrays)
    return network, origin
