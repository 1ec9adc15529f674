"""The Trio shell of the server: listeners, connections, and what their first bytes say."""
