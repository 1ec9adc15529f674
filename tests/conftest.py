"""Settings for the whole suite."""

import os

from hypothesis import settings

from client_files import no_client_files

os.environ.update(no_client_files())

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=20_000, deadline=None)  # for a night; see docs/howto/fuzz.md
settings.load_profile("repeatable")
