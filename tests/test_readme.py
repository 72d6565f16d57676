"""The README tells the truth: its Python runs, its links lead somewhere, its commands exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from gogame import cli

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


def test_the_readme_shows_python_that_runs(needs_jit: None) -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 5 and failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_named_exist(page: Path) -> None:
    text = page.read_text()
    for word in re.findall(r"(?:^ {4}|`)gogame ([a-z]+)", text, re.MULTILINE):
        assert word in cli.COMMANDS, f"{page.name} names `gogame {word}`"
    for module in re.findall(r"python -m (benchmarks\.[a-z]+)", text):
        assert (ROOT / (module.replace(".", "/") + ".py")).exists(), f"{page.name} names {module}"
