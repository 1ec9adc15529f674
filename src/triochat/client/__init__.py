"""The client: what a chat is (`model`, `chat`), and the connection to the server (`link`). No view.

`chat` and what it imports decide everything and do no IO; `link` and `dial` move bytes between it and the server.
"""
