"""`python -m adsim` is the command `adsim`."""

from adsim.cli import main

if __name__ == "__main__":
    main()
