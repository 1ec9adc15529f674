"""`python -m triochat` is the same as the `triochat` command."""

from triochat.cli import main

main()
