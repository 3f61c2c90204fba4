"""``python -m threadsim``."""

from threadsim.cli import main

main()
