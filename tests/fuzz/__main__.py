"""`PYTHONPATH=tests python -m fuzz framing --runs 1000000`"""

import argparse
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when nothing was found. A finding ends the run: its traceback is shown, and its input kept."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Throw bytes at one part of triochat, led by coverage.")
    names = sorted(path.name for path in CORPUS.iterdir())
    parser.add_argument("target", choices=names, metavar="TARGET", help=", ".join(names))
    parser.add_argument("--runs", type=int, default=100_000, help="inputs [100000]")
    parser.add_argument("--seconds", type=int, default=0, help="stop after so many, 0 = never [0]")
    parser.add_argument("--seed", type=int, default=0, help="which inputs, 0 = others each time [0]")
    parser.add_argument("--corpus", type=Path, help="where inputs and findings are gathered [a new directory]")
    given = parser.parse_args(arguments)
    try:
        import atheris
    except ImportError:
        print("Fuzzing needs atheris: install it with pip install -e '.[dev,fuzz]' (for Linux, Python 3.11 to 3.13).")
        return 1
    with atheris.instrument_imports(include=["triochat", "triochat_admin"]):
        from fuzz.targets import TARGETS
    target = TARGETS[given.target]
    directory: Path = given.corpus or Path(tempfile.mkdtemp(prefix="fuzz-"))
    gathered = directory / "inputs"
    gathered.mkdir(parents=True, exist_ok=True)
    words = directory / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
    print(f"Inputs are gathered in {gathered}, findings in {directory}.", flush=True)
    options = {
        "runs": given.runs,
        "max_total_time": given.seconds,
        "seed": given.seed,
        "max_len": target.longest,
        "dict": words,
        "artifact_prefix": f"{directory}/found-",
        "timeout": 10,
        "rss_limit_mb": 1024,
        "print_final_stats": 1,
    }
    known = CORPUS / given.target
    atheris.Setup(
        ["fuzz", *(f"-{name}={value}" for name, value in options.items()), str(gathered), str(known)], target.check
    )
    atheris.Fuzz()  # ends the process
    return 0


def _escaped(word: str | bytes) -> str:
    """*word* as dictionaries of libFuzzer have it."""
    data = word.encode() if isinstance(word, str) else word
    return "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else f"\\x{byte:02X}" for byte in data)


if __name__ == "__main__":
    sys.exit(main())
