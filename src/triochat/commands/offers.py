"""Which capabilities a server offers, and with what values, by its settings."""

from triochat.domain.entry import RELAY_SEPARATOR
from triochat.domain.limits import Limits
from triochat.domain.metadata import LONGEST_KEY
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.proto.caps import NAMES, Cap


def of(
    accounts: AccountPolicy, history: HistoryPolicy, limits: Limits, longest_value: int
) -> tuple[int, dict[str, str]]:
    """The capabilities, and the values of those that have one. *longest_value* is in bytes, of metadata."""
    offered = 0
    for cap in NAMES.values():
        offered |= cap
    values = {"draft/multiline": f"max-bytes={limits.multiline_max_bytes},max-lines={limits.multiline_max_lines}"}
    if not accounts.enabled:
        offered &= ~Cap.SASL
    if not (accounts.enabled and accounts.registration):
        offered &= ~Cap.ACCOUNT_REGISTRATION
    words = {
        "before-connect": accounts.registration_before_connect,
        "email-required": accounts.registration_email_required,
        "custom-account-name": accounts.registration_custom_name,
    }
    values["draft/account-registration"] = ",".join(word for word, meant in words.items() if meant)
    values["draft/metadata-3"] = (
        f"before-connect,max-subs={limits.metadata_subs},max-keys={limits.metadata_keys}"
        f",max-key-bytes={LONGEST_KEY},max-value-bytes={longest_value}"
    )
    values["draft/relaymsg"] = RELAY_SEPARATOR
    if not history.enabled:
        offered &= ~(Cap.CHATHISTORY | Cap.EVENT_PLAYBACK | Cap.SEARCH)
    if not history.redaction:
        offered &= ~Cap.MESSAGE_REDACTION
    return offered, {name: value for name, value in values.items() if NAMES[name] & offered}
