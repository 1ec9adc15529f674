"""AUTHENTICATE (https://ircv3.net/specs/extensions/sasl-3.2): at any time, before and after coming in."""

from __future__ import annotations

import base64
from collections.abc import Awaitable

from triochat.commands.context import Client
from triochat.commands.login import log_in, refused_login, shared_by_others
from triochat.domain.accounts import Account, Credentials
from triochat.domain.errors import Refused
from triochat.proto import numerics as n
from triochat.proto.message import Message
from triochat.proto.sasl import Response, SaslError, ScramKeys, ScramServer, TooLong, chunks, read_plain


class Exchange:
    """One authentication that is under way."""

    def __init__(self, mechanism: str) -> None:
        self.mechanism = mechanism
        self.response = Response()
        self.scram: ScramServer | None = None
        self.account: Account | None = None
        """Whom the client has proved to be, when only its last word is missing."""


def authenticate(client: Client, message: Message) -> Awaitable[None] | None:
    """AUTHENTICATE mechanism | response | *."""
    if not client.server.policy.enabled:
        raise Refused(n.ERR_UNKNOWNCOMMAND, "AUTHENTICATE")
    word = message.params[0]
    exchange = client.sasl
    if word == "*":
        client.sasl = None
        client.reply(n.ERR_SASLABORTED)
        return None
    if exchange is None:
        _begin(client, word.upper())
        return None
    try:
        response = exchange.response.feed(word)
    except TooLong:
        client.sasl = None
        client.reply(n.ERR_SASLTOOLONG)
    except SaslError as error:
        _failed(client, error)
    else:
        if response is not None:
            return _answer(client, exchange, response)
    return None


def _begin(client: Client, mechanism: str) -> None:
    mechanisms = mechanisms_for(client)
    if mechanism not in mechanisms:
        client.reply(n.RPL_SASLMECHS, ",".join(mechanisms))
        client.reply(n.ERR_SASLFAIL)
        return
    client.sasl = Exchange(mechanism)
    client.send_lines(["AUTHENTICATE +"])


def mechanisms_for(client: Client) -> list[str]:
    """What this client may use: EXTERNAL needs a certificate."""
    external = ["EXTERNAL"] if client.session.certificate else []
    return ["PLAIN", "SCRAM-SHA-256", *external]


def _answer(client: Client, exchange: Exchange, response: bytes) -> Awaitable[None] | None:
    try:
        if exchange.mechanism == "PLAIN":
            return _plain(client, exchange, response)
        if exchange.mechanism == "EXTERNAL":
            _external(client, response)
        else:
            _scram(client, exchange, response)
    except SaslError as error:
        _failed(client, error)
    return None


async def _plain(client: Client, exchange: Exchange, response: bytes) -> None:
    try:
        said = read_plain(response)
        names = client.server.world.names
        if said.authzid and not names.same(said.authzid, said.authcid):
            raise SaslError("SASL authentication failed: nobody may act for another account")
        account = await client.server.registrar.check(said.authcid, said.password)
        if client.sasl is not exchange or client.closing is not None:
            return  # gone, or begun anew, while the password was checked
        _succeed(client, account)
    except SaslError as error:
        _failed(client, error)


def _external(client: Client, response: bytes) -> None:
    account = client.server.world.accounts.with_certificate(client.session.certificate or "")
    if account is None:
        raise SaslError("SASL authentication failed: no account knows this certificate")
    try:
        authzid = response.decode()
    except UnicodeDecodeError:
        raise SaslError("SASL authentication failed: malformed message") from None
    if authzid and not client.server.world.names.same(authzid, account.name):
        raise SaslError("SASL authentication failed: the certificate is for another account")
    _succeed(client, account)


def _scram(client: Client, exchange: Exchange, response: bytes) -> None:
    server = client.server
    if exchange.scram is None:
        exchange.scram = scram = ScramServer(server.nonce())
        scram.begin(response)
        if scram.authzid and not server.world.names.same(scram.authzid, scram.user):
            raise SaslError("SASL authentication failed: nobody may act for another account")
        exchange.account = account = server.world.accounts.find(scram.user)
        credentials = account.credentials if account is not None else None
        keys = _keys(credentials or server.registrar.passwords.seeming(server.fold(scram.user)))
        _challenge(client, scram.challenge(keys))
    elif exchange.account is not None and exchange.scram.finished:
        account = server.world.accounts.find(exchange.account.name)
        # It may be a later one of the same name, or have another password by now.
        known = account is not None and account.credentials == exchange.account.credentials
        _succeed(client, account if known else None)
    else:
        _challenge(client, exchange.scram.finish(response))


def _challenge(client: Client, challenge: bytes) -> None:
    client.send_lines(f"AUTHENTICATE {part}" for part in chunks(challenge))


def _succeed(client: Client, account: Account | None) -> None:
    if account is None:
        raise SaslError("SASL authentication failed: wrong name or password")
    if account.suspended is not None:
        raise SaslError(
            f"This account is suspended: {account.suspended}" if account.suspended else "This account is suspended"
        )
    if (reason := shared_by_others(client, account)) is not None:
        raise SaslError(reason)
    client.sasl = None
    log_in(client, account)
    client.reply(n.RPL_SASLSUCCESS)


def _failed(client: Client, error: SaslError) -> None:
    client.sasl = None
    client.reply(n.ERR_SASLFAIL, text=str(error))
    refused_login(client)


def _keys(credentials: Credentials) -> ScramKeys:
    decode = base64.b64decode
    return ScramKeys(
        decode(credentials.salt),
        credentials.iterations,
        decode(credentials.stored_key),
        decode(credentials.server_key),
    )
