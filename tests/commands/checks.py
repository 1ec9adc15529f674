"""What must be true of every line that an IRC client is sent, whatever led to it."""

from collections.abc import Sequence

from triochat.proto.message import MAX_LINE, Message, parse

# How many parameters each reply has, the client's name included: clients read them by position.
_REPLIES = {
    2: "001 002 003 221 251 255 302 303 305 306 323 371 372 374 375 376 400 409 411 412 417 422 431 451 462 464 501 "
    "502 282 336 337 381 481 491 730 731 732 733 903 904 905 906 907",
    3: "252 253 254 301 315 318 319 321 324 329 331 332 341 347 349 366 368 369 391 400 401 402 403 404 405 406 "
    "407 410 421 432 433 442 461 471 472 473 474 475 482 524 525 704 705 706 281 307 313 335 365 378 477 531 "
    "671 901 908",
    4: "265 266 312 322 324 333 351 353 441 443 478 330 364 470 734 900 766 774",
    5: "338 317 324 346 348 367 696 760 761",
    6: "004 311 314",
    8: "352",
}
_LINES = {
    0: "ACK AWAY",
    1: "ACCOUNT AUTHENTICATE AWAY BATCH ERROR JOIN NICK PART QUIT SETNAME TAGMSG WALLOPS",
    2: "BATCH CHGHOST INVITE KILL MARKREAD REDACT MODE NOTICE PART PONG PRIVMSG TOPIC",
    3: "BATCH CAP CHATHISTORY FAIL NOTE REGISTER REDACT RENAME JOIN KICK MODE",
    4: "CAP FAIL MODE NOTE WARN",
    5: "FAIL MODE",
    6: "FAIL",
}
_SHAPES = {
    (command, count) for kind in (_REPLIES, _LINES) for count, words in kind.items() for command in words.split()
}
_SHAPES |= {("005", count) for count in range(3, 16)} | {("MODE", count) for count in range(6, 23)}
_SHAPES |= {("354", count) for count in range(1, 15)}
_SHAPES |= {(code, count) for code in ("770", "771", "772") for count in range(2, 14)}


def well_formed(received: bytes) -> list[Message]:
    """The messages in *received*, each of which is whole, short enough, and has its parameters in their places."""
    assert not received or received.endswith(b"\r\n")
    messages = []
    for line in received.split(b"\r\n")[:-1]:
        assert not {0, 10, 13} & set(line), line
        untagged = line.partition(b" ")[2] if line.startswith(b"@") else line
        assert len(untagged) <= MAX_LINE - 2, line
        message = parse(line.decode())
        assert (message.command, len(message.params)) in _SHAPES, line
        messages.append(message)
    return messages


def only(messages: Sequence[Message], command: str) -> list[list[str]]:
    """The parameters of each message with this command."""
    return [message.params for message in messages if message.command == command]
