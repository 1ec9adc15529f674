"""Times as operators write them: `30s`, `10m`, `2h`, `1h30m`, `7d`. No IO."""

import re

from triochat_admin.grammar import Call, UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_LONGEST = 100 * 365 * 24 * 3600
_DURATION = re.compile(r"(\d{1,9})([smhdw])")


def seconds(call: Call, key: str = "for", default: int = 0, most: int = _LONGEST, example: str = "2h") -> int:
    """What the key says, in seconds; *default* when it was not given. Raises UsageError when it is no time, or more
    than *most*."""
    if key not in call.keys:
        return default
    text = call.keys[key]
    parts = _DURATION.findall(text)
    if not parts or "".join(f"{count}{unit}" for count, unit in parts) != text:
        raise UsageError(f"{key}= wants a time such as {key}=30s, {key}={example} or {key}=1h30m.")
    total = sum(int(count) * _UNITS[unit] for count, unit in parts)
    if not 0 < total <= most:
        longest = "a hundred years; leave it out for ever" if most == _LONGEST else spoken(most)
        raise UsageError(f"{key}= wants a time between a second and {longest}.")
    return total


def spoken(total: float) -> str:
    """`1 hour`, `90 minutes`, `45 seconds`: for sentences."""
    whole = max(1, round(total))
    for unit, name in ((24 * 3600, "day"), (3600, "hour"), (60, "minute")):
        if whole % unit == 0:
            count = whole // unit
            return f"{count} {name}{'s' if count != 1 else ''}"
    if whole > 600:
        return spoken(whole // 60 * 60)
    return f"{whole} second{'s' if whole != 1 else ''}"
