"""The tree of a game that has variations: where its nodes lie, how it is drawn, and what a click on it does."""

import time
from unittest import mock

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gogame.board import BLACK, WHITE
from gogame.coords import from_gtp
from gui.describe import graph
from gui.menus import MENUS
from gui.record import Node
from gui.tree import NEAR, lay_out, says_something
from tests.gui.hands import at, click, drag, mouse, moves, opened, press, seen
from tests.gui.played import two

FORK = ";B[ee];W[cc](;B[gg];W[gc];B[cg])(;B[dd];W[dc])(;B[gc])"
CONTROL = pygame.KMOD_CTRL


def grown(text):
    """(root, names of the nodes): each letter follows the one before, brackets as in SGF."""
    names, node, forks = {}, None, []
    for letter in text:
        if letter == "(":
            forks.append(node)
        elif letter == ")":
            node = forks.pop()
        else:
            child = Node(node, number=node.number + 1) if node else Node()
            if node:
                node.children.append(child)
            names[child], node = letter, child
    return next(iter(names)), names


@pytest.mark.parametrize(
    ("text", "picture"),
    [
        ("a", "a"),
        ("abcd", "abcd"),
        ("a(bcd)(ef)", "abcd\n.ef."),
        ("a(b)(c)(d)", "ab\n.c\n.d"),
        ("ab(cd(ef)(g))(hijk)", "abcdef\n....g.\n..hijk"),  # the two would overlap
        ("ab(cd(efgh)(i))(jk)", "abcdefgh\n....i...\n..jk...."),  # k where i's branch comes down
        ("ab(cde(fgh)(i))(j)", "abcdefgh\n..j..i.."),  # there is room beside it
        ("ab(cdefg(hi)(jk))(lm)", "abcdefghi\n..lm...jk"),
        ("a(bcdefg)(hi(jk)(lmno))", "abcdefg\n.hijk..\n...lmno"),
        ("a(bc(de)(f))(gh(ij(k)(l))(m))(n)", "abcde\n...f\n.ghijk\n.n.m.l"),
    ],
)
def test_where_the_nodes_lie(text, picture):
    root, names = grown(text)
    tree = lay_out(root)
    assert tree.height == picture.count("\n") + 1
    lines = [["."] * len(tree.columns) for _ in range(tree.height)]
    for node, row in tree.row_of.items():
        lines[row][node.number] = names[node]
    assert ["".join(line) for line in lines] == [line.ljust(len(tree.columns), ".") for line in picture.split("\n")]


@st.composite
def roots(draw):
    nodes = [Node()]
    for _ in range(draw(st.integers(0, 60))):
        parent = nodes[draw(st.integers(max(0, len(nodes) - 12), len(nodes) - 1))]
        child = Node(parent, number=parent.number + 1)
        parent.children.insert(draw(st.integers(0, len(parent.children))), child)
        nodes.append(child)
    return nodes[0], nodes


@given(roots(), st.sampled_from([0, NEAR]))
@settings(max_examples=200, deadline=None)
def test_nothing_lies_on_anything_else(grown, near):
    root, nodes = grown
    with mock.patch("gui.tree.NEAR", near):
        tree = lay_out(root)
    cells = {(node.number, row): node for node, row in tree.row_of.items()}
    assert len(cells) == len(nodes), "each has a cell of its own"
    assert tree.height == max(tree.row_of.values()) + 1 <= sum(not node.children for node in nodes)
    passed = set()  # where something runs down at the right of a cell
    for (column, row), node in cells.items():
        assert tree.columns[column].at(row) is node
        below = [tree.row_of[child] for child in node.children]
        assert (
            below[:1] in ([], [row]) and below == sorted(set(below)) and tree.feet.get(node, row) == max([row, *below])
        )
        assert all(child.number == column + 1 for child in node.children)
        assert not any((column, r) in cells for r in below[1:]), "nothing touches the branch from the left"
        branch = {(column, r) for r in range(row, below[-1] + 1)} if len(below) > 1 else set()
        assert not branch & passed, "two branches are never one line"
        passed |= branch
    for column in range(len(tree.columns)):
        for top in range(tree.height):
            there = [cells[column, r] for r in range(top, top + 3) if (column, r) in cells]
            assert list(tree.columns[column].within(top, top + 2)) == there
            crossing = {
                n for n in tree.feet if n.number == column and tree.row_of[n] <= top + 2 and tree.feet[n] >= top
            }
            assert crossing <= set(tree.branching(column, top, top + 2))


def deep(moves, variations=0, each=1):
    """A line of so many moves; the first ones have a variation."""
    root = node = Node()
    nodes = [root]
    for number in range(1, moves + 1):
        node.children.append(Node(node, BLACK if number % 2 else WHITE, 0, number))
        node = node.children[0]
        nodes.append(node)
    for start in nodes[:variations]:
        node = start
        for _ in range(each):
            node.children.append(Node(node, BLACK, 0, node.number + 1))
            node = node.children[-1]
    return root


def test_a_variation_at_every_move_is_near_it():
    root = deep(100, 100, 8)
    tree = lay_out(root)
    assert tree.height == 10
    cells = {(node.number, row) for node, row in tree.row_of.items()}
    assert len(cells) == len(tree.row_of) == 901
    assert all(row - tree.row_of[node] <= 9 for node, row in tree.feet.items())


def test_large_trees_take_little_time():
    wide = Node()
    wide.children = [Node(wide, BLACK, 0, 1) for _ in range(2001)]
    began = time.process_time()
    for root, height in ((deep(5000), 1), (wide, 2001), (deep(1000, 1000, 19), 21), (deep(5000, 130, 150), 131)):
        assert lay_out(root).height == height
    assert time.process_time() - began < 2


def place(w, node):
    """Where a node is drawn."""
    tree = w.panels.tree
    spot = tree._center(node.number, tree._tree.row_of[node])
    assert tree._body.collidepoint(spot)
    return spot


def test_a_click_goes_to_a_position_and_changes_nothing(window):
    w = opened(window(), FORK)
    session = w.session
    live, asked, saved = session.live, list(session.link.asked), session.changes
    third = session.record.root.children[0].children[0].children[2]
    click(w, place(w, third))
    assert session.shown is third and session.reviewing
    click(w, place(w, session.record.root))
    assert session.shown is session.record.root
    assert session.live is live and moves(w) == [from_gtp(v, 9) for v in ("E5", "C7", "G3", "G7", "C3")]
    assert session.link.asked == asked and session.changes == saved and session.phase == "play"
    click(w, place(w, live))
    assert not session.reviewing
    before = session.shown
    mouse(w, pygame.MOUSEBUTTONDOWN, place(w, third))
    mouse(w, pygame.MOUSEBUTTONUP, place(w, live.parent))
    click(w, (place(w, third)[0] + 60, place(w, third)[1]))
    assert session.shown is before, "between two nodes, and where none is, nothing happens"


def test_it_is_there_where_there_are_variations_and_room(window):
    w = window((800, 600))
    click(w, at(w, "E5"))
    click(w, at(w, "C7"))
    tree = w.panels.tree
    assert not tree.area.height, "a plain game has no use for it"
    press(w, pygame.K_LEFT)
    click(w, at(w, "G3"))
    assert tree.area.height >= 90 and w.panels.graph_area.bottom <= tree.area.top
    assert w.session.shown is w.session.record.root.children[0].children[1]
    place(w, w.session.shown)
    press(w, pygame.K_z, CONTROL)
    assert not tree.area.height, "the variation is gone"
    press(w, pygame.K_y, CONTROL)
    assert tree.area.height
    w.session.write(w.session.shown, "Twenty words of a comment. " * 60)
    w.draw()
    assert w.panels.comment.area.height and not w.panels.comment.area.colliderect(tree.area)
    pygame.display.set_mode((600, 900))
    w.draw()
    assert not tree.area.height
    assert not any(view.mouse_down((300, 700)) for view in w.panels.scrolled)


def test_a_comment_does_not_take_its_room_where_there_is_some(window):
    w = opened(window((1280, 800)), FORK)
    w.session.write(w.session.shown, "Twenty words of a comment. " * 60)
    w.draw()
    assert w.panels.tree.area.height >= 90 and w.panels.comment.area.height >= 150
    assert w.panels.graph_area.bottom <= w.panels.tree.area.top
    assert w.panels.tree.area.bottom <= w.panels.comment.area.top


def with_long_line(window):
    w = window()
    w.session.record.root.children = deep(300, 40, 3).children
    for child in w.session.record.root.children:
        child.parent = w.session.record.root
    w.session._changed()
    w.draw()
    return w


def test_only_what_is_in_sight_is_drawn_and_the_position_shown_is(window, monkeypatch):
    w = with_long_line(window)
    view, drawn = w.panels.tree, []
    monkeypatch.setattr(view, "_draw_node", lambda surface, node, session: drawn.append(node))
    for key in (pygame.K_END, pygame.K_HOME):
        drawn.clear()
        press(w, key)
        assert w.session.shown in drawn and len(drawn) < 300
        place(w, w.session.shown)
    assert view._left == view._top == 0


def test_it_is_scrolled_with_the_wheel_and_by_dragging(window):
    w = with_long_line(window)
    view, shown = w.panels.tree, w.session.shown
    middle = view.area.center
    mouse(w, pygame.MOUSEMOTION, middle)
    w.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1))
    w.draw()
    assert view._top > 0 and w.session.shown is shown
    top = view._top
    drag(w, middle, (middle[0] - 60, middle[1] + 5), (middle[0] - 100, middle[1] + 5))
    assert view._left == 100 and view._top == top - 5 and w.session.shown is shown
    w.session._changed()  # as an analysis does
    w.draw()
    assert view._left == 100
    mouse(w, pygame.MOUSEMOTION, (view.area.left - 100, view.area.top))
    w.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1))
    w.draw()
    assert w.session.shown is shown.children[0] and view._left < 100, "elsewhere it goes through the game"


def test_passes_comments_and_the_position_shown_look_different(window):
    w = opened(window(), ";B[ee](;W[cc];B[gg];W[gc])(;W[dd];B[];W[dc];B[cg]C[Good.];W[])")
    forked = w.session.record.root.children[0].children[1]
    line = forked.line()[1:]
    press(w, pygame.K_HOME)

    def look(node):
        return seen(pygame.Rect(0, 0, 15, 15).move(place(w, node)).move(-7, -7))

    looks = [look(node) for node in line]
    assert looks[0] == looks[2] and len(set(looks)) == 4, "White twice, a pass, Black with a comment, the last pass"
    before = look(line[3])
    w.session.go_to(line[3])
    w.draw()
    assert look(line[3]) != before
    assert [says_something(node) for node in line] == [False, False, False, True, False]
    line[0].kept = {"TR": b"aa"}
    line[1].kept = {"WL": b"20"}
    assert [says_something(node) for node in line[:2]] == [True, False]


def test_the_graph_marks_moves_that_others_were_played_in_place_of(window):
    w = opened(window(), FORK)
    assert graph(w.session).forks == (3,)
    plot = w.panels.graph._plot
    below = pygame.Rect(plot.left, plot.bottom + 2, plot.width, 5)
    with_tick = seen(below)
    w.session.live.path()[1].children[1:] = []
    w.session._changed()
    w.draw()
    assert graph(w.session).forks == () and seen(below) != with_tick


def test_the_menu_goes_through_variations():
    p = two()
    p.click("E5", "C3")
    assert not p.session.enabled("next variation")
    p.session.go(-1)
    p.click("G3")
    assert p.session.enabled("next variation") and p.session.enabled("variation before")
    lines = {item.action: item.key for _, items in MENUS for item in items}
    assert lines["next variation"] == "↓" and lines["variation before"] == "↑"
