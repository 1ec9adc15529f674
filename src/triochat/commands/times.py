"""Times as clients write them: `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`
(https://ircv3.net/specs/extensions/server-time)."""

import calendar
import re
import time

_TIMESTAMP = re.compile(r"timestamp=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?Z", re.ASCII)


class BadTime(ValueError):
    """This is no time; *str(error)* is for the client."""


def milliseconds(reference: str) -> int:
    """A timestamp= reference in milliseconds since the epoch. Raises BadTime."""
    found = _TIMESTAMP.fullmatch(reference)
    if found is None:
        raise BadTime("A time is timestamp=YYYY-MM-DDThh:mm:ss.sssZ")
    try:
        seconds = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise BadTime("There is no such time") from None
    return seconds * 1000 + int((found[2] or "0").ljust(3, "0"))
