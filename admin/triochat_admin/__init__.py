"""The admin console of triochat: a telnet and one-shot interface over triochat.operations."""
