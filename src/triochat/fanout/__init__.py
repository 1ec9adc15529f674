"""From committed entries to sockets: how they are written, who gets them, and what waits for whom."""
