"""What a fuzzer puts in now and then: from bytes alone it rarely makes a command."""

from triochat.client.incoming import _HANDLERS
from triochat.commands.table import COMMANDS
from triochat.domain import modes
from triochat.proto.caps import NAMES
from triochat.settings import TABLES, fields_of
from triochat_admin.commands import COMMANDS as CONSOLE_COMMANDS

_ROOM_MODES = (*modes.LISTS, modes.KEY, *modes.SETTINGS, *modes.FLAGS, *modes.PREFIXES)
_ON_THE_WIRE = (
    "Alice Bob Carol Dave #a #b #lobby * :x +x=y @label=1 @batch=1 @+draft/reply=m1 msgid=m1 timestamp= sesame "
    "LATEST BEFORE AFTER AROUND BETWEEN TARGETS LS LIST REQ END SET GET SUB SYNC CLEAR ADD 0: 1: 2: 3: 0! 1! 2! 3!nc"
)
_FROM_A_SERVER = (
    ":irc :Bob!b@h :Alice!a@h @batch=1;time=2026-11-22T12:00:00Z msgid= 404 433 #lobby #dev CASEMAPPING= PREFIX= "
    "CHANTYPES= chathistory -1 +1 ACK LS NEW DEL > ! >/join >/msg >/search >/leave >/topic >/nick >/me \x01ACTION"
)
_AT_THE_CONSOLE = "Alice Bob #lobby --json --yes --content user= limit="

WIRE = (
    *COMMANDS,
    *NAMES,
    *(f"+{mode} " for mode in _ROOM_MODES),
    *_ON_THE_WIRE.split(" "),
    "NICK Dave\n",
    "USER d 0 * :D\n",
    "CAP END\n",
    "AUTHENTICATE PLAIN\n",
    "OPER admin sesame\n",
    " draft/multiline ",
)
PLAIN = ("/me ", "/msg Alice ", "/nick ", "/topic ", "/users", "/join", "GET / ", *WIRE)
SECRETS = ("#lounge", "#Lounge", *WIRE)
HEARD = (*_HANDLERS, *NAMES, *_FROM_A_SERVER.split(" "))
TOML = (
    *(f"[{name}]\n" for name in TABLES),
    *(f"{key} = " for table in TABLES.values() for key, *_ in fields_of(table)),
    "[[listen]]\n",
    "[[oper]]\n",
    'kind = "irc"\n',
    'kind = "websocket"\n',
    'name = "x"\n',
    "proxy_protocol = true\n",
    "true\n",
    "false\n",
    "0\n",
    "-1\n",
    "1.5\n",
    '""\n',
    '"::1"\n',
    "[]\n",
    '["*"]\n',
    "nan\n",
    "inf\n",
    "1979-05-27\n",
)
CONSOLE = (
    *(f"{command.name} " for command in CONSOLE_COMMANDS),
    *_AT_THE_CONSOLE.split(" "),
    b"\xff\xf4\xff\xfd\x06",
    b"\xff\xfd\x01",
    b"\xff\xfa",
    b"\xff\xf0",
    b"\x7f",
)
HTTP = (
    "GET / HTTP/1.1\r\n",
    "Host: chat.example.org\r\n",
    "Upgrade: websocket\r\n",
    "Connection: Upgrade\r\n",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "Sec-WebSocket-Version: 13\r\n",
    "Sec-WebSocket-Protocol: text.ircv3.net\r\n",
    "Origin: https://chat.example.org\r\n",
    "X-Forwarded-For: ",
    "Content-Length: 1\r\n",
    "Transfer-Encoding: chunked\r\n",
)
FRAMES = (b"\x81\x80", b"\x82\x85\0\0\0\0", b"\x01\x81", b"\x80\x81", b"\x89\x80", b"\x88\x82")
PROXY = (
    "PROXY TCP4 ",
    "PROXY TCP6 ",
    "PROXY UNKNOWN",
    "192.0.2.1 ",
    "2001:db8::1 ",
    "::ffff:192.0.2.1",
    "fe80::1%eth0",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"\x21\x11\0\x0c",
    b"\x21\x21\0\x24",
    b"\x20\0\0\0",
)
SASL = ("n,,n=user,r=nonce", "y,a=other,n=", "c=biws,r=", ",p=", "=2C", "=3D", "\0user\0sesame", "A" * 400)
MARKS = ("\r\n", "\x1b[2J", "\u202e", "\u2028", "\x85", "\u200d", "\ufe0f", "\xdf", "\u0130", "\u03a3", "\u1e9e")
TAGS = ("\\:", "\\s", "\\\\", "\\r", "\\n", "=", ";")
LINE_ENDS = ("\r\n", "\n", "\r")
