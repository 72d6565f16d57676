"""The markup of opened files, as it is drawn on the board."""

import pygame

from gogame.coords import from_gtp
from gui.candidates import Candidate
from gui.describe import picture
from tests.gui.hands import at, mouse, opened, seen


def looks(w, text, vertices):
    """How points look with some markup of the last move, but without its ring."""
    opened(w, f";B[ee];W[cc];B[gg];W[gc]{text}")
    return [seen(w.board.cell_rect(from_gtp(v, 9)).inflate(-w.board.cell // 2, -w.board.cell // 2)) for v in vertices]


def test_each_mark_is_seen_on_stones_and_on_the_wood(window):
    w = window()
    points = ("E5", "C7", "A1")
    found = [looks(w, "", points)]
    for name in ("TR", "SQ", "CR", "MA"):
        found.append(looks(w, f"{name}[ee][cc][ai]", points))
    found.append(looks(w, "LB[ee:A][cc:A][ai:A]", points))
    for here in zip(*found, strict=True):
        assert len(set(here)) == len(here), "each looks different"
    assert looks(w, "TR[ee]", ["C7"]) == [found[0][1]]


def bright(w, vertex, share=0.27):
    """Mean brightness of a ring around the middle of a point."""
    x, y = at(w, vertex)
    reach = round(w.board.cell * share)
    screen = pygame.display.get_surface()
    spots = [screen.get_at((x + dx, y + dy))[:3] for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)]
    return [sum(spot) // 3 for spot in spots]


def test_stones_stay_to_be_seen_and_marks_contrast(window):
    w = opened(window(), ";B[ee];W[cc];B[gg];W[gc]SQ[ee][cc]")
    assert bright(w, "E5", 0)[0] < 70 and bright(w, "C7", 0)[0] > 200, "no wood within a mark"
    black, white = bright(w, "E5"), bright(w, "C7")
    assert max(black) > 200 and sorted(black)[len(black) // 2] < 70, "a light mark on a black stone"
    assert min(white) < 70 and sorted(white)[len(white) // 2] > 170


def test_what_is_asked_for_goes_before_markup(window):
    w = opened(window(numbers=False), ";B[ee];W[cc]LB[ee:A][gg:WWW][aa:C]TB[ii]")
    plain = picture(w.session, None)
    assert len(plain.markup.labels) == 3 and list(plain.territory) == [from_gtp("J1", 9)]
    spots = [w.board.cell_rect(from_gtp(v, 9)) for v in ("E5", "G3", "A9")]
    marked = [seen(spot) for spot in spots]
    w.session.candidates = tuple(Candidate(from_gtp(v, 9), n, 0.5, 0.0) for v, n in (("J9", 999), ("G3", 1)))
    w.draw()
    candidate = [seen(spot) for spot in spots]
    assert [a == b for a, b in zip(marked, candidate, strict=True)] == [True, False, True]
    w.session.shown.kept = None
    w.draw()
    assert seen(spots[1]) == candidate[1], "of the label nothing is seen below it"
    opened(w, ";B[ee];W[cc]LB[ee:A][gg:WWW][aa:C]TB[ii]")
    w.session.ownership = (0.9,) * 81
    covered = picture(w.session, None)
    assert not covered.markup.labels and not covered.territory


def test_numbers_and_the_ghost_go_before_marks(window):
    w = opened(window(numbers=True), ";B[ee];W[cc]LB[ee:A][gg:B]")
    spot = w.board.cell_rect(from_gtp("E5", 9))
    numbered = seen(spot)
    w.session.shown.kept = None
    w.draw()
    assert seen(spot) == numbered
    opened(w, ";B[ee];W[cc]LB[ee:A][gg:B]")
    spot = w.board.cell_rect(from_gtp("G3", 9))
    mouse(w, pygame.MOUSEMOTION, at(w, "G3"))
    ghost = seen(spot)
    w.session.shown.kept = None
    w.draw()
    assert seen(spot) == ghost
