"""https://ircv3.net/specs/extensions/bot-mode

Not here: 379 in WHOIS, which this server does not send; the tag with a value, which is for clients to understand.
"""

from specifications.example import person, play, server


def test_example() -> None:
    """Section "Examples"."""
    chat = server()
    robodan = person(chat, "robodan!~u@203.0.113.22", "message-tags", realname="Hi, I'm a bot!")
    alice = person(chat, "alice!~u@198.51.100.103", "message-tags", realname="I'm a human!")
    assert " BOT=B " in " ".join(alice.types("VERSION"))
    play(
        """
        C bot: MODE robodan +B
        S bot: MODE robodan +B
        C bot: WHOIS robodan
        S bot: :irc.example.com 311 robodan robodan ~u 203.0.113.22 * :Hi, I'm a bot!
        S bot: :irc.example.com 312 robodan robodan irc.example.com :An example
        S bot: :irc.example.com 335 robodan robodan :is a Bot on IRCv3
        S bot: :irc.example.com 338 robodan robodan ~u@203.0.113.22 203.0.113.22 :Actual user@host, Actual IP
        S bot: :irc.example.com 317 robodan robodan <idle> <signon> :seconds idle, signon time
        S bot: :irc.example.com 318 robodan robodan :End of /WHOIS list
        C bot: WHO robodan
        S bot: :irc.example.com 352 robodan * ~u 203.0.113.22 irc.example.com robodan HB :0 Hi, I'm a bot!
        S bot: :irc.example.com 315 robodan robodan :End of WHO list
        C: JOIN #chat
        ...
        C bot: JOIN #chat
        S: @msgid=<join>;bot :robodan!~u@203.0.113.22 JOIN #chat
        ...
        C: whois robodan
        S: :irc.example.com 311 alice robodan ~u 203.0.113.22 * :Hi, I'm a bot!
        S: :irc.example.com 319 alice robodan :#chat
        S: :irc.example.com 312 alice robodan irc.example.com :An example
        S: :irc.example.com 335 alice robodan :is a Bot on IRCv3
        S: :irc.example.com 317 alice robodan <idle> <signon> :seconds idle, signon time
        S: :irc.example.com 318 alice robodan :End of /WHOIS list
        C: who #chat
        S: :irc.example.com 352 alice #chat ~u 198.51.100.103 irc.example.com alice H@ :0 I'm a human!
        S: :irc.example.com 352 alice #chat ~u 203.0.113.22 irc.example.com robodan HB :0 Hi, I'm a bot!
        S: :irc.example.com 315 alice #chat :End of WHO list
        C bot: PRIVMSG #chat :Hello! Try typing .help to see my commands!
        S: @msgid=<said>;bot :robodan!~u@203.0.113.22 PRIVMSG #chat :Hello! Try typing .help to see my commands!
        ...
        """,
        alice,
        bot=robodan,
    )
