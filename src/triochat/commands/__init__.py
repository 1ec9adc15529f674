"""What a line from a client means: the table of commands and their handlers. Pure: no Trio, no sockets."""
