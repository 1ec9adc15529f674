"""The terminal client.

`conversation` and what it imports decide everything and do no IO; `link` moves bytes between it and the
server; `plain` and `app` (with `view` and `keys`) move text between it and a person.
"""
