"""The wood and the stones, computed once per size and kept.

Light falls from the upper left. Stones are lens-shaped like the real ones: slate, matt with one soft
highlight, and shell, bright with faint growth lines. Everything is drawn from formulas, so it is sharp at
every size and needs no picture files.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pygame

from gogame.board import BLACK
from gui.theme import image_of

WOOD_SIDE = 1024  # pixels of the texture; larger boards scale it
SUPERSAMPLING = 4
SHELLS = 5  # different white stones
LIGHT = np.array([-0.42, -0.55, 0.72]) / np.linalg.norm([-0.42, -0.55, 0.72])


def _stretch(values: np.ndarray, length: int) -> np.ndarray:
    """Smooth interpolation of float [K, W] along its first axis to [length, W]."""
    place = np.linspace(0, len(values) - 1.001, length)
    low = place.astype(int)
    t = (place - low)[:, None]
    t = t * t * (3 - 2 * t)
    return values[low] * (1 - t) + values[low + 1] * t


@lru_cache(maxsize=1)
def wood() -> np.ndarray:
    """uint8 [WOOD_SIDE, WOOD_SIDE, 3]: straight-grained kaya, the grain running from top to bottom."""
    rng = np.random.default_rng(361)
    side = WOOD_SIDE
    x = np.linspace(0, 1, side)[None, :]
    # The grain bends slowly from row to row.
    bend = _stretch(rng.normal(0, 0.006, (5, 1)), side) + _stretch(rng.normal(0, 0.0018, (17, 1)), side)
    year = (x + bend) * 46 + 1.9 * np.sin((x + bend) * 5.1) + 0.8 * np.sin((x + bend) * 17.3 + 1)
    phase = year % 1.0
    rings = np.where(phase < 0.82, phase / 0.82, (1 - phase) / 0.18) ** 3  # slow growth, then a sharp dark line
    strength = 0.45 + 0.55 * (0.5 + 0.5 * np.sin(np.floor(year) * 12.9898))
    fibres = _stretch(rng.normal(0, 1, (26, side)), side) * 0.5 + _stretch(rng.normal(0, 1, (90, side)), side) * 0.35
    clouds = _stretch(_stretch(rng.normal(0, 1, (4, 5)), side).T, side).T
    tone = -9.0 * rings * strength + 2.1 * fibres + 3.2 * clouds + rng.normal(0, 0.8, (side, side))
    base = np.array([226.0, 183.0, 117.0])
    tint = np.array([1.0, 1.12, 1.22])  # the darker wood is also redder
    return np.clip(base + tone[..., None] * tint, 0, 255).astype(np.uint8)


@lru_cache(maxsize=3)
def wood_surface(side: int) -> pygame.Surface:
    """A square board of ``side`` pixels with bevelled edges."""
    texture = pygame.image.frombuffer(wood().tobytes(), (WOOD_SIDE, WOOD_SIDE), "RGB").convert()
    board = pygame.transform.smoothscale(texture, (side, side))
    edge = max(2, side // 220)
    shade = pygame.Surface((side, side), pygame.SRCALPHA)
    for i in range(edge):
        light = round(70 * (1 - i / edge))
        pygame.draw.line(shade, (255, 244, 214, light), (i, i), (side - 1 - i, i))
        pygame.draw.line(shade, (255, 244, 214, light // 2), (i, i), (i, side - 1 - i))
        pygame.draw.line(shade, (60, 36, 10, light), (i, side - 1 - i), (side - 1 - i, side - 1 - i))
        pygame.draw.line(shade, (60, 36, 10, light // 2), (side - 1 - i, i), (side - 1 - i, side - 1 - i))
    board.blit(shade, (0, 0))
    return board


def _shrink(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Mean over factor x factor blocks of float [H, W, C]."""
    height, width, channels = pixels.shape
    return pixels.reshape(height // factor, factor, width // factor, factor, channels).mean((1, 3))


def _lens(side: int, radius: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, distance from the centre in radii, unit normals [H, W, 3]) of a lens seen from above."""
    axis = (np.arange(side) + 0.5 - side / 2) / radius
    x, y = np.meshgrid(axis, axis)
    d = np.hypot(x, y)
    inside = np.minimum(d, 0.999)
    tilt = 0.30 * inside + 0.62 * inside**7  # a flat top that falls off steeply at the rim
    safe = np.maximum(d, 1e-6)
    normal = np.stack([x / safe * tilt, y / safe * tilt, np.sqrt(np.maximum(1 - tilt**2, 0.05))], -1)
    return x, y, d, normal


@lru_cache(maxsize=64)
def stone(color: int, diameter: int, variant: int = 0, alpha: float = 1.0) -> pygame.Surface:
    """A stone of ``diameter`` pixels, shaded; ``variant`` chooses the growth lines of a white one."""
    side = (diameter + 2) * SUPERSAMPLING
    radius = diameter * SUPERSAMPLING / 2
    x, y, d, normal = _lens(side, radius)
    diffuse = np.clip(normal @ LIGHT, 0, 1)
    half = LIGHT + np.array([0, 0, 1])
    half = half / np.linalg.norm(half)
    facing = np.clip(normal @ half, 0, 1)
    if color == BLACK:
        shine = 0.20 * facing**26 + 0.10 * facing**5
        value = 0.055 + 0.075 * diffuse + shine
        rgb = value[..., None] * np.array([250, 252, 258])
    else:
        rng = np.random.default_rng(variant + 7)
        angle, bow = rng.uniform(-0.5, 0.5), rng.uniform(0.25, 0.6)
        across = x * np.cos(angle) + y * np.sin(angle) + bow * (y * np.cos(angle) - x * np.sin(angle)) ** 2
        lines = np.sin(across * rng.uniform(15, 21) + rng.uniform(0, 6)) * np.clip(1.1 - d, 0, 1)
        value = 0.735 + 0.245 * diffuse + 0.05 * facing**30 + 0.010 * lines - 0.10 * np.clip(d - 0.86, 0, 1) / 0.14
        rgb = np.clip(value, 0, 1)[..., None] * np.array([253, 251, 246])
    cover = np.clip(radius - d * radius + 0.5, 0, 1)
    pixels = _shrink(np.dstack([np.clip(rgb, 0, 255) * cover[..., None], cover]), SUPERSAMPLING)
    opaque = np.maximum(pixels[..., 3:], 1e-6)
    return image_of(pixels[..., :3] / opaque, pixels[..., 3] * alpha)


@lru_cache(maxsize=16)
def shadow(diameter: int) -> pygame.Surface:
    """The soft shadow of a stone; blit it with its centre ``shadow_offset`` right and below the stone's."""
    side = int(diameter * 1.4) | 1
    axis = np.arange(side) - side // 2
    d = np.hypot(axis[:, None], axis[None, :]) / (diameter / 2)
    alpha = 0.50 * np.clip((1.16 - d) / 0.30, 0, 1) ** 1.4
    return image_of((38, 20, 4), alpha)


def shadow_offset(diameter: int) -> int:
    """Pixels right and below."""
    return max(1, round(diameter * 0.055))
