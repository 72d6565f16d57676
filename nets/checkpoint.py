"""Training states on disk: a folder of safetensors files of at most MAX_PART_BYTES and one JSON file.

The folder is written under another name and renamed: a kill at any instant leaves the old state or the new. The JSON
file holds a checksum of each part and of itself, so that a state is either read as it was written or refused.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gogame.disk import named, sync_folder, write_atomically
from nets.config import NetError

FORMAT = "gogame-training-state"
FORMAT_VERSION = 1
MAX_PART_BYTES = 15_000_000  # so that each file stays under 16 MB
MOST_BYTES = 1 << 26  # of a file that is read; a tensor larger than a part has one of its own


def save_state(folder: str | Path, state: Mapping[str, Any]) -> None:
    """Writes a state: plain values, and ``tensors``, a dict of arrays, as ``Trainer.state_dict`` has them.

    Extra plain values are kept. Takes the place of the state that the folder may hold. OSError, with ``folder`` as its
    filename, if it cannot be written; the state from before is there then as it was.
    """
    folder = Path(folder)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _write(fresh, state)
        _replace(folder, fresh)
    except OSError as error:
        raise named(error, folder) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(folder: Path, state: Mapping[str, Any]) -> None:
    from safetensors.numpy import save

    checksums = []
    for index, part in enumerate(_parts(state["tensors"])):
        data = save(part)
        checksums.append(zlib.crc32(data))
        write_atomically(folder / _part_name(index), data)
    plain = json.dumps({key: value for key, value in state.items() if key != "tensors"})
    head = {"format": FORMAT, "version": FORMAT_VERSION, "parts": len(checksums)}
    head |= {"checksums": checksums, "state_checksum": zlib.crc32(plain.encode())}
    write_atomically(folder / "state.json", f'{json.dumps(head)[:-1]}, "state": {plain}}}'.encode())


def _replace(folder: Path, fresh: Path) -> None:
    """Puts a written state in its place."""
    old = _old(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
    try:
        os.rename(fresh, folder)
    except OSError:
        if old.exists():
            os.rename(old, folder)
        raise
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def has_state(folder: str | Path) -> bool:
    """Whether :func:`load_state` finds something."""
    folder = Path(folder)
    return (folder / "state.json").is_file() or (_old(folder) / "state.json").is_file()


def load_state(folder: str | Path) -> dict[str, Any]:
    """The state that :func:`save_state` wrote. Raises NetError, in one line, for anything else."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    folder = Path(folder)
    if not folder.exists() and _old(folder).exists():  # killed between the two renames
        folder = _old(folder)
    if not (folder / "state.json").is_file():
        raise NetError(f"{folder}: no training state in this folder")
    try:
        document = json.loads(_read(folder / "state.json"))
        if document["format"] != FORMAT or document["version"] != FORMAT_VERSION:
            raise NetError(f"{folder}: not a training state of this program's version")
        checksums = document.get("checksums")  # states of older programs have none
        if checksums and zlib.crc32(json.dumps(document["state"]).encode()) != document["state_checksum"]:
            raise NetError(f"{folder}: corrupt training state (state.json: checksum wrong)")
        if checksums and len(checksums) != document["parts"]:
            raise NetError(f"{folder}: corrupt training state (state.json: a part without a checksum)")
        tensors: dict[str, np.ndarray] = {}
        for index in range(document["parts"]):
            part = folder / _part_name(index)
            if not part.is_file():
                raise NetError(f"{folder}: corrupt training state ({part.name} is missing)")
            data = _read(part)
            if checksums and zlib.crc32(data) != checksums[index]:
                raise NetError(f"{folder}: corrupt training state ({part.name}: checksum wrong)")
            tensors |= load(data)
        return dict(document["state"]) | {"tensors": tensors}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, SafetensorError) as error:
        if isinstance(error, NetError):
            raise
        raise NetError(f"{folder}: corrupt training state ({' '.join(str(error).split())[:120]})") from None


def _read(path: Path) -> bytes:
    if (size := path.stat().st_size) > MOST_BYTES:
        raise ValueError(f"{path.name}: too large, {size:,} bytes of at most {MOST_BYTES:,}")
    return path.read_bytes()


def _part_name(index: int) -> str:
    return f"part-{index:03}.safetensors"


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _parts(tensors: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
    """The tensors in files of at most MAX_PART_BYTES, in order."""
    parts: list[dict[str, np.ndarray]] = [{}]
    filled = 0
    for name, array in tensors.items():
        if filled + array.nbytes > MAX_PART_BYTES and parts[-1]:
            parts.append({})
            filled = 0
        parts[-1][name] = np.ascontiguousarray(array)
        filled += array.nbytes
    return parts
