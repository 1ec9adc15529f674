"""What a server allows about accounts and history, as values. The configuration's tables have the same names."""

from dataclasses import dataclass
from typing import Annotated, Literal


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """Accounts: names that belong to who has the password."""

    enabled: Annotated[bool, "Whether there are accounts at all."] = True
    registration: Annotated[bool, "Whether anybody may register one (REGISTER); `triochat user add` always may."] = (
        True
    )
    registration_before_connect: Annotated[bool, "Whether that is possible before one is in the chat."] = True
    registration_email_required: Annotated[
        bool, "Whether that takes an e-mail address. It is kept, not verified."
    ] = False
    registration_custom_name: Annotated[bool, "Whether the account may have another name than the one in use."] = True
    password_min_length: Annotated[int, "Characters that a password must have."] = 8
    password_max_bytes: Annotated[int, "Bytes that a password may have."] = 300
    kdf_cost: Annotated[
        Literal["normal", "test"], "How hard passwords are to guess from a stolen database; test: not at all."
    ] = "normal"
    nick_reservation: Annotated[bool, "Whether an account's name may be used by its owner only."] = True
    multi_session: Annotated[bool, "Whether several connections of one account may be one user, under one name."] = (
        True
    )
    always_on: Annotated[
        Literal["disabled", "opt-in", "opt-out", "mandatory"],
        "Whether a user who is logged in stays when the last connection ends: never, if they want (ACCOUNT PERSIST), "
        "unless they do not want, always.",
    ] = "opt-in"
    default_user_modes: Annotated[str, 'User modes that everybody begins with, such as "+i".'] = ""


@dataclass(frozen=True, slots=True)
class HistoryPolicy:
    """What people can read later."""

    enabled: Annotated[bool, "Whether clients may read history (CHATHISTORY)."] = True
    channel_messages: Annotated[int, "Lines kept of each room; 0 = all."] = 0
    keep_days: Annotated[int, "Days for which everything that is said is kept; 0 = for ever."] = 0
    direct_messages: Annotated[bool, "Whether private messages of people with accounts are kept for them."] = True
    on_join: Annotated[
        int,
        "Earlier lines shown on joining a room to clients that know of time (server-time) but not of CHATHISTORY.",
    ] = 20
    max_batch: Annotated[int, "Messages that one request for history returns at most."] = 100
    redaction: Annotated[bool, "Whether messages can be taken back (REDACT)."] = True
    store_tagmsg: Annotated[
        tuple[str, ...], "Client tags with which a message without text (TAGMSG) is kept, too."
    ] = ("+draft/react", "+react")
