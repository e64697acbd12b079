"""`python -m pixelmind.cli` is `pixelmind`."""

from pixelmind.cli import main

if __name__ == "__main__":
    main()
