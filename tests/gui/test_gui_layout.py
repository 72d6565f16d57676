import itertools

import pytest

from gui.layout import arrange


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
