"""Numeric limits as one value. The configuration's table `limits` has the same names."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit has a default; 0 switches off those that say so."""

    connections: Annotated[int, "Connections in all; more are told that the server is full."] = 20_000
    connections_per_ip: Annotated[int, "Connections from one address (IPv6: one /64); 0 = no limit."] = 256
    connection_rate: Annotated[
        float, "New connections per second from one address, with a burst of ten seconds' worth; 0 = no limit."
    ] = 500.0
    command_rate: Annotated[
        float,
        "Lines per second that one session may send in the long run (above it they are read later); 0 = no limit.",
    ] = 20.0
    command_burst: Annotated[int, "Lines that may come at once, such as a paste, before `command_rate` applies."] = (
        200
    )
    address_rate: Annotated[
        float,
        "How many times `command_rate` and `command_burst` all sessions of one address (IPv6: one /64) may send "
        "together; 0 = no limit.",
    ] = 25.0
    account_rate: Annotated[
        float, "How many times as much all sessions of one account may send together; 0 = no limit."
    ] = 3.0
    flood_time: Annotated[
        float,
        "Seconds for which a session may send faster than it is read before it is disconnected; 0 = for ever.",
    ] = 120.0
    login_attempts: Annotated[int, "Passwords that one connection may try, console or chat; 0 = no limit."] = 5
    registrations_per_hour: Annotated[
        int, "Accounts that may be registered from one address (IPv6: one /64) within an hour; 0 = no limit."
    ] = 10
    nick_length: Annotated[int, "Characters of a name."] = 32
    user_length: Annotated[int, "Bytes of a user name (the part of the mask before the @)."] = 16
    channel_length: Annotated[int, "Bytes of a room name."] = 64
    topic_length: Annotated[int, "Characters of a topic."] = 390
    away_length: Annotated[int, "Characters of an away message."] = 200
    kick_length: Annotated[int, "Characters of a reason for KICK, PART or QUIT."] = 390
    realname_length: Annotated[int, "Characters of a real name."] = 150
    list_modes: Annotated[int, "Entries of each mask list (bans, exceptions, invitations) of a room."] = 60
    rooms_founded: Annotated[int, "Rooms that one account may own: those that it opened, and that wait for it."] = 50
    rooms_per_user: Annotated[int, "Rooms that one user may be in."] = 100
    monitor: Annotated[int, "Names that one session may watch (MONITOR)."] = 100
    multiline_max_bytes: Annotated[int, "Bytes of one message of several lines."] = 16_384
    multiline_max_lines: Annotated[int, "Lines of one message of several lines."] = 100
    metadata_keys: Annotated[int, "Keys of metadata that one user or room may have."] = 50
    metadata_subs: Annotated[int, "Keys of metadata that one session may subscribe to."] = 100
    metadata_value: Annotated[int, "Bytes of one value of metadata."] = 300
    metadata_rate: Annotated[
        float, "Changes of metadata per second that one session may make in the long run; 0 = no limit."
    ] = 1.0
    whowas: Annotated[int, "People who left that are remembered (WHOWAS)."] = 1000
    targets: Annotated[int, "Targets of one PRIVMSG or NOTICE."] = 8
    read_queue: Annotated[int, "Bytes of an unfinished line before the connection is closed."] = 16_384
    outbox: Annotated[int, "Bytes that may wait for one session before it is parked and catches up from the log."] = (
        262_144
    )
    journal_entries: Annotated[int, "Entries that may wait for their commit before the server reads more slowly."] = (
        20_000
    )
    pending_handshakes: Annotated[
        int, "TLS handshakes at the same time; when more come, the one that takes longest is ended."
    ] = 256
    consoles: Annotated[int, "Admin consoles at the same time."] = 16
