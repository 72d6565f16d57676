"""Curves for tensorboard. Each call of a run begins an event file of its own; a set of figures is one piece of it.

Not torch's SummaryWriter: its thread dies with a traceback, and leaves half a record, when the disk is full.
"""

from __future__ import annotations

import io
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from nets.append import Appended


class Curves:
    """One event file in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        self._file = Appended(folder / f"events.out.tfevents.{int(now):010}.{socket.gethostname()}.{os.getpid()}.0")
        self._begun = False

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """The values of so many curves at a step. OSError if they cannot be written; the file is as before then."""
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.record_writer import RecordWriter

        now = time.time()
        data = io.BytesIO()
        records = RecordWriter(data)
        if not self._begun:
            records.write(Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        values = [Summary.Value(tag=name, simple_value=float(value)) for name, value in figures.items()]
        records.write(Event(wall_time=now, step=step, summary=Summary(value=values)).SerializeToString())
        self._file.write(data.getvalue())
        self._begun = True

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
