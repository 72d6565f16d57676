"""The board in a window. ``gui.app:command`` is the command; ``gui.session`` the logic without a window.

SDL and pygame read these when pygame is imported: the window is found by its class, Windows draws it sharp on
every screen, and nothing is written to standard output.
"""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "gogame")
os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
