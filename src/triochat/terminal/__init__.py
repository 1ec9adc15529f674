"""The chat in a terminal: `app` (with `view` and `keys`) on a terminal, `plain` (with `pipes`) over plain streams.

All of it shows what `triochat.client` knows, and hands over what a person types. prompt_toolkit is used nowhere else.
"""
