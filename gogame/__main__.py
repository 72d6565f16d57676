"""``python -m gogame`` is the ``gogame`` command."""

from gogame.cli import main

if __name__ == "__main__":
    main()
