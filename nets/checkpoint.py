"""Training states on disk: a folder of safetensors files of at most MAX_PART_BYTES and one JSON file.

The folder is written under another name and renamed: a kill at any instant leaves the old state or the new.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nets.config import NetError
from nets.weights import write_atomically

FORMAT = "gogame-training-state"
FORMAT_VERSION = 1
MAX_PART_BYTES = 15_000_000  # so that each file stays under 16 MB


def save_state(folder: str | Path, state: Mapping[str, Any]) -> None:
    """Writes a state: plain values, and ``tensors``, a dict of arrays, as ``Trainer.state_dict`` has them.

    Extra plain values are kept. Takes the place of the state that the folder may hold.
    """
    from safetensors.numpy import save

    folder = Path(folder)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    parts = _parts(state["tensors"])
    for index, part in enumerate(parts):
        write_atomically(fresh / f"part-{index:03}.safetensors", save(part))
    plain = {key: value for key, value in state.items() if key != "tensors"}
    text = json.dumps({"format": FORMAT, "version": FORMAT_VERSION, "parts": len(parts), "state": plain})
    write_atomically(fresh / "state.json", text.encode())
    _sync_folder(fresh)
    old = _old(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.rename(folder, old)
    os.rename(fresh, folder)
    _sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def has_state(folder: str | Path) -> bool:
    """Whether :func:`load_state` finds something."""
    folder = Path(folder)
    return (folder / "state.json").is_file() or (_old(folder) / "state.json").is_file()


def load_state(folder: str | Path) -> dict[str, Any]:
    """The state that :func:`save_state` wrote. Raises NetError, in one line, for anything else."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    folder = Path(folder)
    if not folder.exists() and _old(folder).exists():  # killed between the two renames
        folder = _old(folder)
    if not (folder / "state.json").is_file():
        raise NetError(f"{folder}: no training state in this folder")
    try:
        document = json.loads((folder / "state.json").read_text())
        if document["format"] != FORMAT or document["version"] != FORMAT_VERSION:
            raise NetError(f"{folder}: not a training state of this program's version")
        tensors: dict[str, np.ndarray] = {}
        for index in range(document["parts"]):
            part = folder / f"part-{index:03}.safetensors"
            if not part.is_file():
                raise NetError(f"{folder}: corrupt training state ({part.name} is missing)")
            tensors |= load_file(part)
        return dict(document["state"]) | {"tensors": tensors}
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        if isinstance(error, NetError):
            raise
        raise NetError(f"{folder}: corrupt training state ({' '.join(str(error).split())[:120]})") from None


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


def _sync_folder(folder: Path) -> None:
    """Makes renames in the folder durable, where the system can (not on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
