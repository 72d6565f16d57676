"""Variations are removed, and brought back."""

import random

import pygame
import pytest

from gogame.coords import from_gtp
from gui.actions import Actions
from gui.files import load_record, sgf_of
from gui.menus import MENUS
from tests.gui.hands import at, click, moves, opened, press
from tests.gui.played import two

FORK = ";B[ee](;W[cc];B[gg];W[gc])(;W[dd]C[why];B[dc](;W[cd])(;W[de]))(;W[gc])"


def fork():
    """A game with three second moves; the second of them is shown."""
    loaded = load_record(f"(;SZ[9]{FORK})".encode())
    p = two()
    p.session.load(loaded.record, loaded.live)
    p.session.go_to(loaded.record.root.children[0].children[1])
    return p


def shape(node):
    return [(child.color, child.point, child.comment, shape(child)) for child in node.children]


def test_a_variation_goes_with_all_that_follows_and_comes_back():
    p = fork()
    root, node, saves = p.session.record.root, p.session.shown, p.saves
    before, game = shape(root), p.moves
    p.session.remove_variation()
    assert p.session.shown is node.parent and p.moves == game and p.saves == saves + 1
    assert p.status == "Move 2, White D6 and 3 more moves are removed. Ctrl+Y brings them back"
    assert [c.point for c in node.parent.children] == p.points("C7", "G7")
    assert "why" not in sgf_of(p.session).decode() and node not in p.session.line()
    assert p.session.enabled("redo")
    p.session.redo()
    assert p.session.shown is node and shape(root) == before and p.saves == saves + 2
    assert not p.session.is_tried(node), "it is as it was: Ctrl+Z does not remove it"
    p.session.go_to(node.parent.children[2])
    p.session.remove_variation()
    assert p.status == "Move 2, White G7 is removed. Ctrl+Y brings it back"


def test_the_same_move_brings_it_back_too():
    p = fork()
    before, node = shape(p.session.record.root), p.session.shown
    p.session.remove_variation()
    p.click("D6")
    assert p.session.shown is node and shape(p.session.record.root) == before


def test_the_game_itself_stays():
    p = fork()
    before = shape(p.session.record.root)
    for number in range(5):
        p.session.go_to(p.session.live)
        p.session.go_number(number)
        p.session.remove_variation()
        assert shape(p.session.record.root) == before and p.saves == 0
        assert number == 0 or "stay" in p.status
    assert not p.session.enabled("redo")
    p.session.go_number(0)
    assert not p.session.enabled("remove variation")


def test_what_redo_plays_again_is_of_the_game():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.undo()
    p.session.undo()
    p.session.go(2)
    p.session.remove_variation()
    assert "Redo" in p.status
    p.session.go_to(p.session.live)
    p.session.redo()
    p.session.redo()
    assert p.moves == p.points("E5", "C3", "G5")
    p.session.undo()
    p.click("D4")
    p.session.variation(1)
    p.session.remove_variation()
    assert "G5 is removed" in p.status and len(p.session.live.parent.children) == 1


def test_redo_brings_it_back_before_it_plays_the_game_on():
    p = two()
    p.click("E5", "C3")
    p.session.undo()
    p.click("D4")
    p.session.undo()  # Redo plays D4; C3 is a variation
    p.session.go_to(p.session.live.children[1])
    p.session.remove_variation()
    assert not p.session.reviewing
    p.session.redo()
    assert p.session.shown.point == from_gtp("C3", 9) and p.moves == p.points("E5")
    p.session.remove_variation()
    p.session.go(-1)
    p.session.go(1)
    p.session.go_to(p.session.live)
    p.session.redo()
    assert p.moves == p.points("E5", "D4"), "later it is the game's turn"


def test_what_was_only_tried_out_is_so_again():
    p = two()
    p.click("E5", "C3", "G5")
    p.session.go(-2)
    p.click("D4", "D5", "D6")
    p.session.go(-2)
    tried = p.session.shown
    p.session.remove_variation()
    p.session.redo()
    assert p.session.shown is tried and all(p.session.is_tried(node) for node in tried.line()[1:])
    p.session.go(2)
    for _ in range(3):
        p.session.undo()
    assert p.session.shown is p.session.live.path()[0] and len(p.session.shown.children) == 1


def test_the_game_stays_the_main_line_when_something_comes_back():
    p = two()
    p.click("E5", "C3")
    p.session.branch()
    p.session.go(-1)
    p.session.branch()  # at E5: C3 follows, and is the first
    p.session.go(1)
    p.session.remove_variation()
    p.click("G5")
    p.session.go(-1)
    p.session.redo()
    assert p.session.shown.point == from_gtp("C3", 9) and p.moves == p.points("E5", "G5")
    assert [n.point for n in p.session.record.root.end().path()] == p.moves


def test_an_analysis_along_it_ends():
    p = fork()
    p.session.analyse_game()
    assert p.session.busy_with == "game"
    p.session.remove_variation()
    assert p.session.walk is None and not p.session.thinking


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_removed_the_game_stays(seed):
    rng = random.Random(seed)
    p = fork()
    before = p.moves
    for _ in range(150):
        match rng.randrange(7):
            case 0 | 1:
                p.session.go(rng.choice((-3, -1, 1, 2)))
            case 2:
                p.session.variation(1)
            case 3 if p.session.reviewing:
                p.session.click(rng.choice(list(p.session.game.legal_points())) or 1)
            case 4 | 5:
                p.session.remove_variation()
            case 6:
                p.session.redo()
        assert p.moves == before and p.session.shown in [p.session.record.root, *p.session.line()]
        above = p.session.shown.parent
        assert above is None or p.session.shown in above.children
        loaded = load_record(sgf_of(p.session))
        assert loaded.live.number == 4 and shape(loaded.record.root) == shape(p.session.record.root)
    while p.session.enabled("redo"):
        p.session.redo()
    assert [n.point for n in p.session.record.root.end().path()] == before


@pytest.mark.parametrize("key", [pygame.K_DELETE, pygame.K_BACKSPACE])
def test_the_key_removes_one_however_long_it_is_held(window, key):
    w = opened(window(), FORK)
    w.session.go_to(w.session.record.root.children[0].children[1].end())
    game = moves(w)
    for _ in range(5):
        w.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=pygame.KMOD_CTRL))
    assert w.session.shown.point == from_gtp("D7", 9) and len(w.session.shown.children) == 1
    w.handle(pygame.event.Event(pygame.KEYUP, key=key, mod=0))
    press(w, key, pygame.KMOD_CTRL)
    assert w.session.shown.point == from_gtp("D6", 9) and not w.session.shown.children and moves(w) == game
    press(w, pygame.K_y, pygame.KMOD_CTRL)
    assert w.session.shown.point == from_gtp("D7", 9)
    press(w, key)
    assert w.session.shown.point == from_gtp("D7", 9), "not without Ctrl"
    items = [item for _, items in MENUS for item in items if item.action == "remove variation"]
    assert len(items) == 1 and items[0].key == "Ctrl+Del"


def test_a_file_loses_it_when_it_is_saved(window, tmp_path):
    w = window()
    path = tmp_path / "game.sgf"
    path.write_text(f"(;SZ[9]{FORK})")
    assert w.actions.open_file(path) is None
    w.session.go_to(w.session.record.root.children[0].children[1])
    press(w, pygame.K_DELETE, pygame.KMOD_CTRL)
    assert "why" in path.read_text()
    assert isinstance(w.actions, Actions) and w.actions._write(path) is None
    assert "why" not in path.read_text()
    click(w, at(w, "D6"))
    assert "why" not in path.read_text() and w.session.shown.comment == "why"
