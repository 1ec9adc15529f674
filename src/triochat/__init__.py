"""triochat: a chat server, its terminal client and its console, built on Trio. See docs/architecture.md."""

__version__ = "0.1.0"
