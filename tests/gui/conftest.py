"""Headless: no test of this folder but the Xvfb one needs a display."""

import os
import sys
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
# The engine's process (spawned) imports fake_engine by its name, too.
sys.path.insert(0, str(Path(__file__).parent))
