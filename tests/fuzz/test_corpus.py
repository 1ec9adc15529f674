"""Every input that was ever worth keeping, seeds and findings, without a fuzzer; and inputs much like them."""

import random
import sys
from pathlib import Path

import pytest

from fuzz.__main__ import CORPUS, main
from fuzz.targets import TARGETS

_VARIATIONS = 500
_LARGEST_CORPUS = 60

targets = pytest.mark.parametrize("name", TARGETS)


def corpus(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


def check(name: str, data: bytes, origin: str) -> None:
    try:
        TARGETS[name].check(data)
    except Exception as error:
        error.add_note(f"{origin}: {data!r}")
        raise


@targets
def test_no_known_input_breaks_a_promise(name: str) -> None:
    for file in corpus(name):
        check(name, file.read_bytes(), file.name)


@targets
def test_no_input_like_them_does(name: str) -> None:
    """What a fuzzer does first: cut, join, repeat, change a byte, put in a word. The same each time."""
    chance, target = random.Random(name), TARGETS[name]
    known = [file.read_bytes() for file in corpus(name)]
    words = [word.encode() if isinstance(word, str) else word for word in target.words]
    for number in range(_VARIATIONS):
        data = bytearray(chance.choice(known)[: target.longest])
        for _ in range(chance.randint(1, 4)):
            start, end = sorted(chance.choices(range(len(data) + 1), k=2))
            other = chance.choice(known)
            replacement = chance.choice(
                [b"", bytes(data[start:end]) * 2, chance.randbytes(1), chance.choice(words), other[: end - start]]
            )
            data[start : chance.choice([start, end])] = replacement
        check(name, bytes(data[: target.longest]), f"variation {number}")


def test_every_target_has_a_corpus_of_a_size_to_live_with() -> None:
    assert TARGETS.keys() == {path.name for path in CORPUS.iterdir()}
    for name, target in TARGETS.items():
        files = corpus(name)
        assert 0 < len(files) <= _LARGEST_CORPUS
        assert all(len(file.read_bytes()) <= max(target.longest, 5100) for file in files)
        assert target.check.__doc__


def test_without_the_fuzzer_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert main(["framing"]) == 1
    assert "pip install -e '.[dev,fuzz]'" in capsys.readouterr().out
