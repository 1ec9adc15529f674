"""The explicit list of all commands. What is not here does not exist."""

from triochat.commands import history, info, messaging, modes, monitor, presence, registration, rooms
from triochat.commands.help import help_from
from triochat.commands.registry import Command

_ALL = (
    Command("AWAY", presence.away, usage="AWAY [:text]", summary="Be away with a text, or be back"),
    Command(
        "CAP",
        registration.cap,
        params=1,
        before_registration=True,
        usage="CAP LS [302] | LIST | REQ :names | END",
        summary="Negotiate IRCv3 capabilities",
    ),
    Command(
        "CHATHISTORY",
        history.chathistory,
        params=1,
        usage="CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN #room place [place] limit | TARGETS from to limit",
        summary="Read earlier lines of a room",
    ),
    Command("INFO", info.info, usage="INFO", summary="What this server is"),
    Command("INVITE", rooms.invite, params=2, usage="INVITE name #room", summary="Let somebody into a closed room"),
    Command("ISON", presence.ison, params=1, usage="ISON name name …", summary="Which of these people are here"),
    Command("JOIN", rooms.join, params=1, usage="JOIN #room,#room [key,key]", summary="Enter rooms"),
    Command("KICK", rooms.kick, params=2, usage="KICK #room name [:reason]", summary="Put somebody out of a room"),
    Command("LIST", rooms.list_rooms, usage="LIST [#mask,>users,<users]", summary="All rooms that you may see"),
    Command("LUSERS", info.lusers, usage="LUSERS", summary="How many people are here"),
    Command("MODE", modes.mode, params=1, usage="MODE #room|name [changes]", summary="See or change modes"),
    Command(
        "MONITOR", monitor.monitor, params=1, usage="MONITOR + names | - names | C | L | S", summary="Watch who comes"
    ),
    Command("MOTD", info.motd, usage="MOTD", summary="The message of the day"),
    Command("NAMES", rooms.names, usage="NAMES #room,#room", summary="Who is in a room"),
    Command("NICK", registration.nick, before_registration=True, usage="NICK name", summary="Take or change a name"),
    Command(
        "NOTICE", messaging.notice, usage="NOTICE target :text", summary="Send a line that nothing answers by itself"
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
    Command("PRIVMSG", messaging.privmsg, usage="PRIVMSG target :text", summary="Say something"),
    Command("QUIT", registration.quit, before_registration=True, usage="QUIT [:reason]", summary="Leave the server"),
    Command("SETNAME", registration.setname, params=1, usage="SETNAME :real name", summary="Change your real name"),
    Command("TAGMSG", messaging.tagmsg, params=1, usage="@+tag TAGMSG target", summary="Send tags without a text"),
    Command("TIME", info.time_, usage="TIME", summary="The server's time"),
    Command("TOPIC", rooms.topic, params=1, usage="TOPIC #room [:text]", summary="See or set a room's topic"),
    Command(
        "USER",
        registration.user,
        params=4,
        before_registration=True,
        usage="USER name 0 * :real name",
        summary="Say who you are when connecting",
    ),
    Command("USERHOST", presence.userhost, params=1, usage="USERHOST name …", summary="Addresses of people"),
    Command("VERSION", info.version, usage="VERSION", summary="The server's version"),
    Command("WHO", presence.who, usage="WHO #room|mask", summary="Who is in a room, or matches a mask"),
    Command("WHOWAS", presence.whowas, usage="WHOWAS name [count]", summary="About a person who left"),
    Command("WHOIS", presence.whois, usage="WHOIS name", summary="About a person"),
)

COMMANDS: dict[str, Command] = {command.name: command for command in _ALL}
COMMANDS["HELP"] = Command("HELP", help_from(COMMANDS), usage="HELP [command]", summary="This help")
