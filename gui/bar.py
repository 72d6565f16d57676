"""The bar at the foot of the window: through the game, what can be done, and the engine's lamp."""

from __future__ import annotations

import pygame

from gui import engine_link
from gui import theme as look
from gui.choices import Choice, choices
from gui.layout import Layout
from gui.session import Session
from gui.theme import Theme
from gui.widgets import Button

SMALL = 13.5  # the letters of a button
LEAST, USUAL = 64, 96  # design units of one
LAMP_ROOM, ERROR_ROOM = 130, 220  # that the lamp and its words need
LAMP = {
    engine_link.OFF: (look.DIM, "no engine"),
    engine_link.LOADING: (look.WARN, "loading"),
    engine_link.IDLE: (look.GOOD, "idle"),
    engine_link.THINKING: (look.ACCENT, "thinking"),
    engine_link.ERROR: (look.BAD, "error"),
}


def draw_bar(
    surface: pygame.Surface,
    theme: Theme,
    layout: Layout,
    session: Session,
    mouse: tuple[int, int],
    pressed: str | None,
) -> list[Button]:
    """Draw it; returns its buttons. In a narrow window what can be done has a row of its own."""
    pygame.draw.rect(surface, look.BACKGROUND, layout.bar)
    pygame.draw.line(surface, look.PANEL, layout.bar.topleft, layout.bar.topright)
    gap, side = theme.px(6), theme.px(36)
    rows = 1 if layout.wide else 2
    height = layout.bar.height // rows
    top = layout.bar.top + (height - side) // 2 + (0 if rows == 1 else theme.px(2))
    left = layout.bar.left + theme.px(12)
    made: list[Button] = []
    for name in ("first", "back", "forward", "last"):
        made.append(Button(name, "", pygame.Rect(left, top, theme.px(40), side), session.enabled(name), icon=name))
        left += theme.px(40) + gap
    lamp_left = left
    down = session.link.state == engine_link.ERROR
    if layout.wide:
        left += theme.px(10)
        most = layout.bar.right - theme.px(14 + 10 + (LEAST + 20 if down else 20)) - left  # nothing but the lamp's dot
        room = min(most, layout.bar.right - theme.px(14 + 10 + (ERROR_ROOM if down else LAMP_ROOM)) - left)
    else:
        left = layout.bar.left + theme.px(12)
        top += height - theme.px(4)
        room = most = layout.bar.width - theme.px(24)
    found = choices(session)
    for choice, (label, width) in zip(found, labelled(theme, found, room, most, layout.wide), strict=True):
        enabled = choice.enabled and session.enabled(choice.action)
        made.append(Button(choice.action, label, pygame.Rect(left, top, width, side), enabled, choice.primary))
        left += width + gap
    start = (left if layout.wide else lamp_left) + theme.px(10)
    lamp_top = layout.bar.top + (height - side) // 2
    lamp = pygame.Rect(start, lamp_top, layout.bar.right - theme.px(14) - start, side)
    if down:
        retry = pygame.Rect(lamp.right - theme.px(64), lamp.top, theme.px(64), side)
        made.append(Button("retry", "Retry", retry))
        lamp.width -= theme.px(72)
    _draw_lamp(surface, theme, lamp, session)
    for button in made:
        button.draw(surface, theme, mouse, pressed == button.action)
    return made


def labelled(theme: Theme, found: tuple[Choice, ...], room: int, most: int, wide: bool) -> list[tuple[str, int]]:
    """What stands on each button, and its width: the whole labels as far as there is room, from the first one on. In a
    narrow window they fill the row; where even the short ones need more than ``room``, they have up to ``most``."""
    gaps = theme.px(6) * (len(found) - 1)
    room -= gaps
    labels = [choice.short or choice.label for choice in found]

    def need(label: str) -> int:
        return max(theme.px(LEAST), theme.width(label, SMALL) + theme.px(20))

    for i, choice in enumerate(found):
        longer = [*labels[:i], choice.label, *labels[i + 1 :]]
        if sum(map(need, longer)) <= room:
            labels = longer
    needs = [need(label) for label in labels]
    if sum(needs) > room:
        tight = [theme.width(label, SMALL) + theme.px(10) for label in labels]
        more = (most - gaps - sum(tight)) // len(found)
        if more < 0:
            return [(label, (most - gaps) // len(found)) for label in labels]
        return [(label, min(n, t + more)) for label, n, t in zip(labels, needs, tight, strict=True)]
    widest = theme.px(USUAL) if wide else room
    while sum(max(widest, n) for n in needs) > room:
        widest -= 1
    return [(label, max(widest, n)) for label, n in zip(labels, needs, strict=True)]


def _draw_lamp(surface: pygame.Surface, theme: Theme, area: pygame.Rect, session: Session) -> None:
    color, word = LAMP[session.link.state]
    text = f"{word}: {session.link.detail}" if session.link.detail else word
    room = area.width - theme.px(22)
    name = f"{session.link.name} · " if session.link.name and not session.link.detail else ""
    if theme.width(name + text, 13) > room:
        name = ""  # what it does says more than what it is called
    shown = theme.fit(name + text, 13, False, room)
    wide = theme.width(shown, 13)
    line = pygame.Rect(area.right - wide, area.top, wide + 2, area.height)
    theme.text(surface, shown, line, 13, look.MUTED)
    center = (line.left - theme.px(12), area.centery)
    theme.disc(surface, center, 5 * theme.scale, color)
    if session.link.state == engine_link.THINKING:
        theme.disc(surface, center, 2.2 * theme.scale, look.TEXT)
