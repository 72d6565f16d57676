"""The slow, obvious oracle of the rules: sets, dictionaries and recursion; nothing is kept up to date, all is counted.

Points are (row, column) from the top left. Compare gogame.board, gogame.score and gogame.ladders.
"""

from __future__ import annotations

from itertools import product

EMPTY, BLACK, WHITE = 0, 1, 2

Point = tuple[int, int]


class NaiveBoard:
    """Stones by point, and the last move's story, which simple ko needs."""

    def __init__(self, size: int, stones: dict[Point, int] | None = None) -> None:
        self.size = size
        self.stones: dict[Point, int] = dict(stones or {})
        self.before: dict[Point, int] | None = None  # the stones before the last move, if it captured
        self.captured = {BLACK: 0, WHITE: 0}  # stones of this colour taken off so far

    def copy(self) -> NaiveBoard:
        other = NaiveBoard(self.size, self.stones)
        other.before, other.captured = self.before, dict(self.captured)
        return other

    def points(self) -> list[Point]:
        return list(product(range(self.size), repeat=2))

    def beside(self, point: Point) -> list[Point]:
        r, c = point
        around = [(r - 1, c), (r, c - 1), (r, c + 1), (r + 1, c)]
        return [(a, b) for a, b in around if 0 <= a < self.size and 0 <= b < self.size]

    def connected(self, start: Point, colors: set[int]) -> set[Point]:
        """The points of these colours that hang together with ``start``."""
        found, stack = {start}, [start]
        while stack:
            for point in self.beside(stack.pop()):
                if point not in found and self.stones.get(point, EMPTY) in colors:
                    found.add(point)
                    stack.append(point)
        return found

    def chain(self, point: Point) -> set[Point]:
        return self.connected(point, {self.stones[point]})

    def around(self, points: set[Point]) -> set[Point]:
        return {q for p in points for q in self.beside(p)} - points

    def liberties(self, point: Point) -> set[Point]:
        return {p for p in self.around(self.chain(point)) if p not in self.stones}

    def play(self, point: Point | None, color: int) -> int:
        """Plays without asking; returns captured stones, or minus the own stones that a suicide takes off."""
        before, result = dict(self.stones), 0
        self.before = None
        if point is None:
            return 0
        self.stones[point] = color
        for victim in (3 - color, color):
            for start in [point] if victim == color else self.beside(point):
                if self.stones.get(start) == victim and not self.liberties(start):
                    dead = self.chain(start)
                    for stone in dead:
                        del self.stones[stone]
                    self.captured[victim] += len(dead)
                    result += len(dead) if victim != color else -len(dead)
        if result > 0:
            self.before = before
        return result

    def is_legal(self, point: Point, color: int, suicide: bool) -> bool:
        if point in self.stones:
            return False
        after = self.copy()
        if after.play(point, color) < 0:
            return suicide
        return after.stones != self.before or len(self.stones) > len(after.stones)

    def chains(self, color: int) -> list[frozenset[Point]]:
        return list({frozenset(self.chain(p)) for p, c in self.stones.items() if c == color})

    def regions(self, colors: set[int]) -> list[set[Point]]:
        """The connected sets of points of these colours."""
        found: list[set[Point]] = []
        for point in self.points():
            if self.stones.get(point, EMPTY) in colors and not any(point in region for region in found):
                found.append(self.connected(point, colors))
        return found

    def area_score(self) -> int:
        """Black's stones and surrounded points minus White's."""
        score = sum(1 if color == BLACK else -1 for color in self.stones.values())
        for region in self.regions({EMPTY}):
            touched = {self.stones[p] for p in self.around(region)}
            if len(touched) == 1:
                score += len(region) if touched == {BLACK} else -len(region)
        return score

    def pass_alive(self, color: int, suicide: bool = False) -> set[Point]:
        """Benson's chains of one colour, and the regions among them without room for two eyes."""
        chains = set(self.chains(color))
        regions = self.regions({EMPTY, 3 - color})

        def touches(region: set[Point], chain: frozenset[Point]) -> bool:
            return bool(self.around(region) & chain)

        def vital(region: set[Point], chain: frozenset[Point]) -> bool:
            tested = region if suicide else {p for p in region if p not in self.stones}
            return touches(region, chain) and all(set(self.beside(p)) & chain for p in tested)

        while True:
            closed = [r for r in regions if all(c in chains for c in self.chains(color) if touches(r, c))]
            alive = {c for c in chains if sum(vital(r, c) for r in closed) >= 2}
            if alive == chains:
                break
            chains = alive
        area = {p for chain in chains for p in chain}
        for region in closed:
            inside = [p for p in region if not any(self.stones.get(q) == color for q in self.beside(p))]
            if chains and len(inside) <= 1 and any(touches(region, c) for c in chains):
                area |= region
        return area

    def ladder(self, point: Point, attack: bool) -> bool:
        """Whether the chain at ``point`` is captured by the moves that gogame.ladders reads."""
        owner = self.stones[point]
        liberties = self.liberties(point)
        if attack:
            if len(liberties) != 2:
                return len(liberties) < 2 and any(self.is_legal(p, 3 - owner, False) for p in liberties)
            return any(
                self.after(p, 3 - owner).ladder(point, False) for p in liberties if self.is_legal(p, 3 - owner, False)
            )
        options = set(liberties)
        for beside in self.around(self.chain(point)):
            if self.stones.get(beside) == 3 - owner and len(self.liberties(beside)) == 1:
                options |= self.liberties(beside)
        return all(self.after(p, owner).ladder(point, True) for p in options if self.is_legal(p, owner, False))

    def after(self, point: Point, color: int) -> NaiveBoard:
        board = self.copy()
        board.play(point, color)
        return board
