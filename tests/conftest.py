"""Settings for the whole suite."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=20_000, deadline=None)  # for a night; see docs/howto/fuzz.md
settings.load_profile("repeatable")
