"""IRC on the wire: framing, messages, numerics, capabilities. Pure: no sockets, no clock, no Trio."""
