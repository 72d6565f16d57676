"""How stone.wav and capture.wav were made: ``python -m gui.assets.stone_sound`` writes them again.

A stone put on a kaya board is a few decaying modes of stone and wood under a burst of noise some milliseconds
long.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 22050  # samples per second

# (frequency in Hz, decay time in s, amplitude)
WOOD = ((410.0, 0.030, 0.9), (985.0, 0.016, 0.6), (1730.0, 0.010, 0.35))
STONE = ((3350.0, 0.006, 0.45), (5200.0, 0.004, 0.25))


def click(seconds: float, pitch: float, rng: np.random.Generator) -> np.ndarray:
    """float [seconds * RATE] one stone hitting the board; ``pitch`` multiplies the frequencies."""
    t = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros_like(t)
    for frequency, decay, amplitude in (*WOOD, *STONE):
        sound += amplitude * np.exp(-t / decay) * np.sin(2 * np.pi * frequency * pitch * t)
    sound += 0.5 * np.exp(-t / 0.0022) * rng.standard_normal(t.size)
    return sound * np.minimum(1.0, t / 0.0006)  # a soft first half millisecond


def write(path: Path, sound: np.ndarray) -> None:
    """Write mono 16-bit PCM, normalised to -4 dB."""
    samples = (sound / np.abs(sound).max() * 0.63 * 32767).astype("<i2")
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())


def main() -> None:
    folder = Path(__file__).parent
    rng = np.random.default_rng(9)
    write(folder / "stone.wav", click(0.14, 1.0, rng))
    taken = np.zeros(int(0.42 * RATE))
    for start, pitch, loud in ((0.0, 1.05, 1.0), (0.075, 1.22, 0.7), (0.13, 0.96, 0.8), (0.21, 1.3, 0.5)):
        one = click(0.14, pitch, rng) * loud
        taken[int(start * RATE) :][: one.size] += one
    write(folder / "capture.wav", taken)


if __name__ == "__main__":
    main()
