"""The one exception that the command line shows to people."""


class Failure(Exception):
    """A command cannot go on; *str(error)* is one sentence: what happened, what to do. Exit status 1."""
