"""https://ircv3.net/specs/extensions/multi-prefix and https://ircv3.net/specs/extensions/userhost-in-names

This server has no `&`.
"""

from specifications.example import person, play, server


def test_every_prefix() -> None:
    """multi-prefix, section "Description"."""
    chat = server()
    aji, guest = person(chat, "aji!aji@host", account="aji"), person(chat, "guest!guest@host", "multi-prefix")
    people = [
        person(chat, f"{name}!{name.lower()}@host", realname="Armand") for name in ("Attila", "alyx", "KindOne")
    ]
    for somebody in (aji, *people):
        somebody.types("JOIN #tethys")
    aji.types("MODE #tethys +qhv aji aji aji", "MODE #tethys +ov Attila Attila", "MODE #tethys +v alyx")
    play(
        """
        C: NAMES #tethys
        S: 353 guest = #tethys :~@%+aji @+Attila +alyx KindOne
        S: 366 guest #tethys :End of /NAMES list
        C: WHO Attila
        S: 352 guest #tethys attila host irc.example.com Attila H@+ :0 Armand
        S: 315 guest Attila :End of /WHO list
        C: WHOIS Attila
        S: 311 guest Attila attila host * :Armand
        S: 319 guest Attila :@+#tethys
        S: 312 guest Attila irc.example.com :Antibes
        ...
        S: 318 guest Attila :End of /WHOIS list
        """,
        guest,
    )


def test_masks_in_names() -> None:
    """userhost-in-names, section "Description"."""
    chat = server()
    person(chat, "Rylee!rylai@localhost").types("JOIN #atheme")
    person(chat, "somasonic!andrew@somasonic.org").types("JOIN #atheme")
    play(
        """
        C: NAMES #atheme
        S: 353 guest = #atheme :@Rylee!rylai@localhost somasonic!andrew@somasonic.org
        S: 366 guest #atheme :End of /NAMES list
        """,
        person(chat, "guest!guest@host", "userhost-in-names"),
    )
