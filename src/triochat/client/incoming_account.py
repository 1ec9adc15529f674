"""What lines of a server about our account do to a session. Pure; the rules of `incoming` hold."""

from datetime import datetime

from triochat.client import replies
from triochat.client.events import AccountChanged, Event, LoginFailed, ServerSaid
from triochat.client.reading import Handler, at, shown
from triochat.client.session import Session, clean
from triochat.proto.message import Message
from triochat.proto.sasl import SaslError


def _authenticate(session: Session, message: Message, time: datetime) -> list[Event]:
    login = session.login
    if login is None:
        return []
    try:
        answers = login.answer(at(message, 0))
    except (SaslError, ValueError) as error:
        session.send("AUTHENTICATE", "*")
        session.login_ended()
        return [LoginFailed(clean(str(error)), time)]
    for answer in answers:
        session.send("AUTHENTICATE", answer)
    return []


def _logged_in(session: Session, message: Message, time: datetime) -> list[Event]:
    account = shown(message, 2)
    session.account = account
    if session.again:
        return [AccountChanged(account)]  # as before; nobody needs to read it at every reconnect
    return [AccountChanged(account), ServerSaid(f"You are logged in as {account}.", False, time)]


def _logged_out(session: Session, message: Message, time: datetime) -> list[Event]:
    session.account = ""
    return [AccountChanged(""), ServerSaid(f"{shown(message, -1)}.", False, time)]


def _succeeded(session: Session, message: Message, time: datetime) -> list[Event]:
    login = session.login_ended()
    if login is not None and session.online and not session.is_me(login.account):
        session.rename(login.account)  # whose account it is has a right to the name
    return []


def _failed(session: Session, message: Message, time: datetime) -> list[Event]:
    """902 and 904 to 907."""
    login = session.login_ended()
    if login is None:
        return []
    text = shown(message, -1)
    if "wrong" in text.lower() or text.lower().rstrip(".") == "sasl authentication failed":
        text = f"This is not the password of {clean(login.account)}."
    return [LoginFailed(text, time)]


def _register(session: Session, message: Message, time: datetime) -> list[Event]:
    account = shown(message, 1)
    if at(message, 0).upper() == "SUCCESS":
        return [ServerSaid(f"{account} is yours now: on other devices, /login PASSWORD.", False, time)]
    return [ServerSaid(shown(message, -1), False, time)]


HANDLERS: dict[str, Handler] = {
    "AUTHENTICATE": _authenticate,
    "900": _logged_in,
    "901": _logged_out,
    "903": _succeeded,
    "REGISTER": _register,
    **dict.fromkeys(replies.LOGIN_FAILED, _failed),
}
