"""Weights on disk: safetensors files with the config in the header, and the networks that the package ships.

Loading runs no code of the file and needs no torch. A file is refused, in one line, unless its header names
this format and version, its config is within bounds, and its tensors are those that the config asks for.
The batch norms are stored unfolded, so that training can go on from any file.
"""

from __future__ import annotations

import json
import math
import re
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gogame.disk import write_atomically
from nets.config import MAX_SIZE, MIN_SIZE, NetConfig, NetError, parameter_count, tensor_shapes
from nets.toml import as_float

FORMAT = "gogame-net"
FORMAT_VERSION = 1  # raised when planes, globals or the meaning of a tensor change
MAX_HEADER_BYTES = 1 << 20
LONGEST_NAME = 255  # of a file
RUN_NET = "net.safetensors"  # the newest network of a run, in its folder
DATA = Path(__file__).parent / "data"
MEASURED = "measured.json"  # there: what was measured of its networks after they were made, over their meta


@dataclass(frozen=True)
class NetInfo:
    """A network on disk, and what its file says about it."""

    name: str
    path: Path
    config: NetConfig
    meta: dict[str, Any]  # "sizes": trained on; "best_on": more; "elo", "elo_visits": by size; "origin", ...

    @property
    def sizes(self) -> tuple[int, ...]:
        """The board sizes that it was trained on; () where the file does not say."""
        return self._numbers("sizes")

    @property
    def best_on(self) -> tuple[int, ...]:
        """Other sizes on which matches showed it stronger than the other shipped networks."""
        return self._numbers("best_on")

    def elo(self, size: int) -> float | None:
        """What matches on a board size gave it, GNU Go level 10 at 0; None where none were played."""
        return self._of_size("elo", size)

    def elo_visits(self, size: int) -> int | None:
        """The visits a move of those matches; None where it is not told."""
        value = self._of_size("elo_visits", size)
        return None if value is None else int(value)

    def _of_size(self, key: str, size: int) -> float | None:
        found = self.meta.get(key)
        value = as_float(found.get(str(size))) if isinstance(found, dict) else None
        return value if isinstance(value, float) and math.isfinite(value) else None

    def _numbers(self, key: str) -> tuple[int, ...]:
        numbers = self.meta.get(key, [])
        return tuple(n for n in numbers if isinstance(n, int)) if isinstance(numbers, list) else ()


def check_size(size: int) -> None:
    """Raises NetError for a board that no network plays."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise NetError(f"networks play boards from {MIN_SIZE} to {MAX_SIZE}, not {size}")


def save_net(
    path: str | Path, model: Any, meta: Mapping[str, Any] | None = None, config: NetConfig | None = None
) -> None:
    """Writes a network, all or nothing: a :class:`nets.model.Network`, or arrays with their ``config``."""
    from safetensors.numpy import save

    if config is None:
        from nets.model import export_arrays

        config, model = model.config, export_arrays(model)
    shapes = tensor_shapes(config)
    for name, shape in shapes.items():
        if name not in model or tuple(model[name].shape) != shape:
            raise NetError(f"cannot save: tensor {name} is missing, or not of the shape {shape}")
        if not np.isfinite(model[name]).all():
            raise NetError(f"cannot save: tensor {name} holds a number that is not finite")
    header = {
        "format": FORMAT,
        "version": str(FORMAT_VERSION),
        "config": json.dumps(config.to_dict()),
        "meta": json.dumps(dict(meta or {})),
    }
    write_atomically(Path(path), save({n: np.ascontiguousarray(model[n], np.float32) for n in shapes}, header))


def load_net(path: str | Path) -> tuple[NetConfig, dict[str, np.ndarray], dict[str, Any]]:
    """(config, float32 arrays by name, meta) of a weights file. NetError, in one line, for anything else."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    config, meta = read_header(path)
    shapes = tensor_shapes(config)
    arrays: dict[str, np.ndarray] = {}
    try:
        with safe_open(path, framework="numpy") as file:
            names = set(file.keys())
            if names != set(shapes):
                odd = sorted(names ^ set(shapes))[0]
                raise NetError(f"{path}: its tensors are not those of its config ({odd[:60]})")
            for name, shape in shapes.items():
                part = file.get_slice(name)
                if part.get_dtype() not in ("F32", "F16") or tuple(part.get_shape()) != shape:
                    raise NetError(f"{path}: tensor {name} has another shape or type than its config says")
            for name in shapes:
                arrays[name] = file.get_tensor(name).astype(np.float32)
    except (SafetensorError, OSError) as error:
        raise NetError(f"{path}: corrupt or truncated network ({_one_line(error)})") from None
    for name, array in arrays.items():
        if not np.isfinite(array).all() or (name.endswith("running_var") and (array < 0).any()):
            raise NetError(f"{path}: corrupt network (tensor {name} holds an impossible number)")
    return config, arrays, meta


def read_header(path: str | Path) -> tuple[NetConfig, dict[str, Any]]:
    """(config, meta) of a weights file, without its tensors."""
    path = Path(path)
    values, bytes_there = _metadata(path)
    if values.get("format") != FORMAT:
        raise NetError(f"{path}: a safetensors file, but not one of this program's networks")
    if values.get("version") != str(FORMAT_VERSION):
        version = str(values.get("version"))[:20]
        raise NetError(f"{path}: network format version {version}; this program reads version {FORMAT_VERSION}")
    try:
        config, meta = json.loads(values["config"]), json.loads(values.get("meta", "{}"))
    except (KeyError, ValueError, RecursionError, TypeError):
        raise NetError(f"{path}: corrupt network (its config cannot be read)") from None
    if not isinstance(meta, dict):
        raise NetError(f"{path}: corrupt network (its description cannot be read)")
    try:
        shape = NetConfig.from_dict(config)
    except NetError as error:
        raise NetError(f"{path}: {error}") from None
    most = 4 * parameter_count(shape) + 8 + MAX_HEADER_BYTES
    if bytes_there > most:
        raise NetError(f"{path}: too large, {bytes_there:,} bytes; a network of its config has {most:,} at most")
    return shape, meta


def _metadata(path: Path) -> tuple[dict[str, Any], int]:
    """The header's own entries of a safetensors file (8 bytes of length, then JSON with ``__metadata__``), and the
    file's length in bytes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):  # reading might wait for ever
            raise NetError(f"{path}: a pipe or a device, not a network")
        with open(path, "rb") as file:
            prefix = file.read(8)
            length = struct.unpack("<Q", prefix)[0] if len(prefix) == 8 else 0
            foreign = not 2 <= length <= MAX_HEADER_BYTES
            header = b"" if foreign else file.read(length)
    except IsADirectoryError:
        remedy = f"; its network is {path / RUN_NET}" if (path / RUN_NET).is_file() else ""
        raise NetError(f"{path}: a folder, not a network{remedy}") from None
    except NetError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or _one_line(error)
        raise NetError(f"{path}: cannot read the network ({reason})") from None
    if foreign or not header.startswith(b"{"):
        raise NetError(f"{path}: not a network file (safetensors)")
    if len(header) < length:
        raise NetError(f"{path}: truncated network")
    try:
        values = json.loads(header).get("__metadata__", {})
    except (ValueError, RecursionError):
        raise NetError(f"{path}: corrupt network (its header cannot be read)") from None
    return (values if isinstance(values, dict) else {}), status.st_size


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120]


def shipped_nets() -> list[NetInfo]:
    """The networks of the package, by name; with what was measured of them since (``benchmarks.strength``)."""
    nets, measured = [], DATA / MEASURED
    since = json.loads(measured.read_text()) if measured.exists() else {}
    for path in sorted(DATA.glob("*.safetensors"), key=lambda path: path.stem):
        config, meta = read_header(path)
        nets.append(NetInfo(path.stem, path, config, meta | since.get(path.stem, {})))
    return nets


def default_net(size: int) -> NetInfo:
    """The shipped network for a board size: trained on it, or the best on it, if there is one; else on the nearest.

    Among several, that with the largest ``rank`` in its meta. NetError if the size cannot be played.
    """
    check_size(size)
    nets = shipped_nets()
    if not nets:
        raise NetError("no network is installed with this program: name one with --net PATH")

    def fitness(net: NetInfo) -> tuple[int, float, str]:
        rank = net.meta.get("rank", 0)
        distance = min((abs(size - s) for s in (*net.sizes, *net.best_on)), default=MAX_SIZE)
        return -distance, float(rank) if isinstance(rank, (int, float)) else 0.0, net.name

    return max(nets, key=fitness)


def find_net(name_or_path: str | Path | None, size: int) -> NetInfo:
    """A network by the name of a shipped one, by its path, or (None) the default for the board size."""
    check_size(size)
    if name_or_path is None:
        return default_net(size)
    text = str(name_or_path)
    may_exist = len(text) <= LONGEST_NAME
    if re.fullmatch(r"[\w.-]+", text) and not (may_exist and Path(text).is_file()):
        nets = {net.name: net for net in shipped_nets()}
        if text in nets:
            return nets[text]
        if not (may_exist and Path(text).is_dir()):  # which the reader tells
            known = ", ".join(nets) or "none"
            raise NetError(f"no network {text[:60]!r}: neither a file nor one of the shipped ones ({known})")
    path = Path(text)
    config, meta = read_header(path)
    return NetInfo(path.stem, path, config, meta)
