"""Opens the real window with a stand-in for the engine: ``python start_window.py ENGINE [SIZE [COLOR]]``."""

import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    import fake_engine

    from gui.app import run
    from gui.new_game import choose_colors
    from gui.store import Store

    signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests may run where these are ignored
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    store = Store()
    settings = store.load_settings()
    settings.size = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    settings.mode, settings.color = (
        ("two", "black") if sys.argv[3:] == ["both"] else ("engine", (sys.argv[3:] or ["black"])[0])
    )
    settings.black, settings.white = choose_colors(settings.mode, settings.color)
    settings.width, settings.height, settings.scale = 1000, 740, 1.0
    run(settings, store, {}, target=getattr(fake_engine, sys.argv[1]))
