"""The explicit list of all commands. What is not here does not exist."""

from dataclasses import replace

from triochat.commands import (
    accounts,
    batches,
    history,
    info,
    listing,
    markers,
    messaging,
    metadata,
    modes,
    monitor,
    operators,
    presence,
    redaction,
    registration,
    relaying,
    renaming,
    rooms,
    sasl,
    search,
    services,
)
from triochat.commands.help import help_from
from triochat.commands.registry import Command

_ALL = (
    Command(
        "ACCEPT",
        presence.accept,
        params=1,
        usage="ACCEPT name,-name | *",
        summary="Let people write privately although you have mode +R",
    ),
    Command(
        "ACCOUNT",
        accounts.account,
        cost=5,
        usage="ACCOUNT LOGIN name password | LOGOUT | PASSWORD old new | CERT ADD|REMOVE | PERSIST ON|OFF | SHOW",
        summary="Log in or out, or change your account",
    ),
    Command(
        "AUTHENTICATE",
        sasl.authenticate,
        cost=3,
        params=1,
        before_registration=True,
        usage="AUTHENTICATE mechanism | response | *",
        summary="Log in by SASL",
    ),
    Command(
        "AWAY",
        presence.away,
        cost=2,
        before_registration=True,
        usage="AWAY [:text]",
        summary="Be away with a text, or be back",
    ),
    Command(
        "BATCH",
        batches.batch,
        speaks=True,
        params=1,
        usage="BATCH +reference draft/multiline target | -reference",
        summary="Begin or end a message of several lines",
    ),
    Command(
        "CAP",
        registration.cap,
        params=1,
        before_registration=True,
        usage="CAP LS [302] | LIST | REQ :names | END",
        summary="Negotiate IRCv3 capabilities",
    ),
    Command(
        "CHANSERV",
        services.chanserv,
        cost=5,
        usage="CHANSERV REGISTER|DROP #room",
        summary="Own a room, or give it up",
    ),
    Command(
        "CHATHISTORY",
        history.chathistory,
        cost=5,
        params=1,
        usage="CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN #room place [place] limit | TARGETS from to limit",
        summary="Read earlier lines of a room",
    ),
    Command(
        "CHGHOST",
        operators.chghost,
        params=3,
        usage="CHGHOST name username host",
        summary="Show somebody under another address",
    ),
    Command("INFO", info.info, usage="INFO", summary="What this server is"),
    Command(
        "INVITE",
        rooms.invite,
        cost=3,
        speaks=True,
        usage="INVITE [name #room]",
        summary="Let somebody into a closed room",
    ),
    Command("ISON", presence.ison, params=1, usage="ISON name name …", summary="Which of these people are here"),
    Command("JOIN", rooms.join, cost=2, params=1, usage="JOIN #room,#room [key,key]", summary="Enter rooms"),
    Command(
        "KICK", rooms.kick, cost=2, params=2, usage="KICK #room name [:reason]", summary="Put somebody out of a room"
    ),
    Command("KILL", operators.kill, params=1, usage="KILL name [:reason]", summary="End somebody's connections"),
    Command("LINKS", info.links, usage="LINKS", summary="The servers of this network: this one"),
    Command(
        "LIST",
        listing.list_rooms,
        cost=10,
        usage="LIST [mask,!mask,>users,<users,C>minutes,T<minutes]",
        summary="All rooms that you may see",
    ),
    Command("LUSERS", info.lusers, usage="LUSERS", summary="How many people are here"),
    Command(
        "MARKREAD", markers.markread, usage="MARKREAD target [timestamp=…]", summary="Keep how far you have read"
    ),
    Command(
        "METADATA",
        metadata.metadata,
        cost=2,
        before_registration=True,
        usage="METADATA *|name|#room GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC [keys | key :value]",
        summary="What people and rooms say of themselves",
    ),
    Command("MODE", modes.mode, cost=2, params=1, usage="MODE #room|name [changes]", summary="See or change modes"),
    Command(
        "MONITOR", monitor.monitor, params=1, usage="MONITOR + names | - names | C | L | S", summary="Watch who comes"
    ),
    Command("MOTD", info.motd, usage="MOTD", summary="The message of the day"),
    Command("NAMES", rooms.names, cost=3, usage="NAMES #room,#room", summary="Who is in a room"),
    Command(
        "NICK",
        registration.nick,
        cost=5,
        before_registration=True,
        usage="NICK name",
        summary="Take or change a name",
    ),
    Command(
        "NICKSERV", services.nickserv, cost=5, usage="NICKSERV HELP", summary="Your account, in the words of old"
    ),
    Command(
        "NOTICE",
        messaging.notice,
        speaks=True,
        usage="NOTICE target :text",
        summary="Send a line that nothing answers by itself",
    ),
    Command(
        "OPER",
        operators.oper,
        cost=10,
        params=2,
        usage="OPER name password",
        summary="Become an operator of the server",
    ),
    Command("PART", rooms.part, params=1, usage="PART #room,#room [:reason]", summary="Leave rooms"),
    Command(
        "PASS",
        registration.password,
        params=1,
        before_registration=True,
        usage="PASS password",
        summary="Give the server's password",
    ),
    Command("PING", registration.ping, before_registration=True, usage="PING token", summary="Ask for a PONG"),
    Command("PONG", registration.pong, before_registration=True, usage="PONG token", summary="Answer a PING"),
    Command("PRIVMSG", messaging.privmsg, speaks=True, usage="PRIVMSG target :text", summary="Say something"),
    Command("QUIT", registration.quit, before_registration=True, usage="QUIT [:reason]", summary="Leave the server"),
    Command(
        "REDACT",
        redaction.redact,
        params=2,
        usage="REDACT target msgid [:reason]",
        summary="Take a message back",
    ),
    Command(
        "REGISTER",
        accounts.register,
        cost=20,
        params=3,
        before_registration=True,
        usage="REGISTER name|* email|* password",
        summary="Make the name that you use your own",
    ),
    Command(
        "RELAYMSG",
        relaying.relaymsg,
        speaks=True,
        params=3,
        usage="RELAYMSG #room name/bridge :text",
        summary="Say in a room what somebody said elsewhere",
    ),
    Command(
        "RENAME",
        renaming.rename,
        cost=5,
        params=2,
        usage="RENAME #room #new [:reason]",
        summary="Give a room another name",
    ),
    Command(
        "SEARCH",
        search.search,
        cost=10,
        params=1,
        usage="SEARCH text=words;in=#room;from=name;after=time;before=time;limit=number",
        summary="Find earlier lines by their words",
    ),
    Command(
        "SETNAME", registration.setname, cost=2, params=1, usage="SETNAME :real name", summary="Change your real name"
    ),
    Command(
        "TAGMSG",
        messaging.tagmsg,
        speaks=True,
        params=1,
        usage="@+tag TAGMSG target",
        summary="Send tags without a text",
    ),
    Command("TIME", info.time_, usage="TIME", summary="The server's time"),
    Command(
        "TOPIC",
        rooms.topic,
        cost=2,
        speaks=True,
        params=1,
        usage="TOPIC #room [:text]",
        summary="See or set a room's topic",
    ),
    Command(
        "USER",
        registration.user,
        params=4,
        before_registration=True,
        usage="USER name 0 * :real name",
        summary="Say who you are when connecting",
    ),
    Command("USERHOST", presence.userhost, params=1, usage="USERHOST name …", summary="Addresses of people"),
    Command(
        "VERIFY",
        accounts.verify,
        cost=10,
        params=2,
        before_registration=True,
        usage="VERIFY account code",
        summary="Complete a registration",
    ),
    Command("VERSION", info.version, usage="VERSION", summary="The server's version"),
    Command("WALLOPS", operators.wallops, params=1, usage="WALLOPS :text", summary="Tell all who want to know (+w)"),
    Command("WHO", presence.who, cost=5, usage="WHO #room|mask", summary="Who is in a room, or matches a mask"),
    Command("WHOWAS", presence.whowas, cost=2, usage="WHOWAS name [count]", summary="About a person who left"),
    Command("WHOIS", presence.whois, cost=2, usage="WHOIS name", summary="About a person"),
)

_ALIASES = {"CS": "CHANSERV", "HELPOP": "HELP", "NS": "NICKSERV"}
"""Other names that clients know for the same."""

COMMANDS: dict[str, Command] = {command.name: command for command in _ALL}
COMMANDS["HELP"] = Command("HELP", help_from(COMMANDS), usage="HELP [command]", summary="This help")
for _alias, _name in _ALIASES.items():
    COMMANDS[_alias] = replace(COMMANDS[_name], name=_alias, usage=COMMANDS[_name].usage.replace(_name, _alias, 1))
