import itertools

import pytest

from gui.layout import arrange, arrange_setup, graph_and_list, list_height


@pytest.mark.parametrize(
    ("size", "scale"),
    list(
        itertools.product(
            [(360, 360), (480, 800), (800, 600), (1120, 800), (1920, 1080), (2560, 700)], [0.75, 1.0, 2.0]
        )
    ),
)
def test_nothing_overlaps_the_board(size, scale):
    layout = arrange(*size, scale)
    for name in ("menu", "status", "column", "strip", "facts", "tabs", "bar"):
        area = getattr(layout, name)
        if area.width and area.height and min(size) >= 480 * scale:
            assert not layout.board.colliderect(area), name
    assert layout.board.width > 0 and layout.board.height > 0


@pytest.mark.parametrize("size", [(480, 800), (1120, 800), (1920, 1080), (760, 640)])
def test_everything_is_inside_the_window(size):
    layout = arrange(*size, 1.0)
    for name in ("menu", "board", "status", "column", "strip", "facts", "tabs", "bar"):
        area = getattr(layout, name)
        assert area.left >= 0 and area.top >= 0 and area.right <= size[0] and area.bottom <= size[1], name


def test_wide_and_narrow():
    assert arrange(1120, 800, 1.0).wide
    assert not arrange(480, 800, 1.0).wide
    assert not arrange(1120, 1600, 2.0).wide, "a larger interface makes the same window narrow"
    assert arrange(1120, 800, 1.0).column.width >= 320


def test_the_board_gives_way_to_the_tabs_but_not_too_much():
    for size in ((600, 900), (700, 1000), (480, 800), (1000, 1000), (900, 1000), (800, 1000), (450, 1000), (830, 900)):
        for scale in (1.0, 1.5):
            layout = arrange(round(size[0] * scale), round(size[1] * scale), scale)
            assert layout.wide or (layout.tabs.height and layout.column.height >= 119 * scale), size
            most = min(size[0] - 10, size[1] - 258) * scale
            assert min(layout.board.size) >= 0.74 * most, size
    assert min(arrange(450, 1000, 1.0).board.size) == 440, "it needs not"
    assert not arrange(600, 640, 1.0).tabs.height and min(arrange(600, 640, 1.0).board.size) == 382, (
        "it would be too small"
    )


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_set_up_in_a_low_window_has_its_tools_beside_the_board(scale):
    for width, height in ((360, 256), (500, 256), (360, 360)):
        size = round(width * scale), round(height * scale)
        low, usual = arrange_setup(*size, scale), arrange(*size, scale)
        assert low.bar.height == 0 and min(low.board.size) > min(usual.board.size)
        assert not low.board.colliderect(low.column) and low.column.right == size[0]
        assert not low.status.colliderect(low.column) and low.status.bottom <= size[1]
    for width, height in ((360, 480), (500, 900), (640, 256), (1120, 800)):
        size = round(width * scale), round(height * scale)
        assert arrange_setup(*size, scale) == arrange(*size, scale)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_list_that_was_asked_for_goes_before_the_graph(scale):
    for height in range(0, 900, 7):
        graph, listed = graph_and_list(round(height * scale), 6, scale)
        assert graph == 0 or graph >= 84 * scale
        assert graph + listed + (10 * scale if graph else 0) <= height * scale
        assert (listed > 0) == (height >= 37), "wherever a line fits"
        if height >= 206:
            assert listed >= list_height(3, scale) and graph, "three rows and the least graph"
    assert graph_and_list(round(268 * scale), 6, scale)[1] == list_height(5, scale)
    assert graph_and_list(round(268 * scale), 0, scale) == (268 * scale, 0)
    assert graph_and_list(round(1000 * scale), 6, scale) == (400 * scale, list_height(6, scale)), "two fifths"


def test_a_large_window_has_a_wide_column_and_the_same_board():
    for size in ((1280, 800), (1920, 1080), (2560, 1440)):
        layout = arrange(*size, 1.0)
        assert layout.column.width >= 560 and layout.board.width >= layout.board.height == size[1] - 124
