"""HELP, told from the command table itself."""

from collections.abc import Mapping

from triochat.commands.context import Client
from triochat.commands.registry import Command, Handler
from triochat.domain.errors import Refused
from triochat.proto import numerics as n
from triochat.proto.message import Message

_NAMES_A_LINE = 10


def help_from(commands: Mapping[str, Command]) -> Handler:
    """The handler of HELP [command] over *commands*."""

    def help_(client: Client, message: Message) -> None:
        subject = message.params[0].upper() if message.params and message.params[0] else "*"
        if subject == "*":
            client.reply(n.RPL_HELPSTART, "*", text="** Commands **")
            client.send(n.RPL_HELPTXT.code, client.nick, "*", "")
            names = sorted(commands)
            for i in range(0, len(names), _NAMES_A_LINE):
                client.reply(n.RPL_HELPTXT, "*", text=" ".join(names[i : i + _NAMES_A_LINE]))
            client.reply(n.RPL_ENDOFHELP, "*", text="HELP COMMAND tells more")
            return
        command = commands.get(subject)
        if command is None:
            raise Refused(n.ERR_HELPNOTFOUND, "*" if " " in subject else subject)
        client.reply(n.RPL_HELPSTART, subject, text=f"** {command.name} **")
        client.send(n.RPL_HELPTXT.code, client.nick, subject, "")
        client.reply(n.RPL_HELPTXT, subject, text=command.usage or command.name)
        client.reply(n.RPL_ENDOFHELP, subject, text=command.summary)

    return help_
