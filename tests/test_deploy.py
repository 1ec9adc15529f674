"""What an operator deploys, in admin/deploy: it names metrics that exist, commands that can be typed, settings that
are right."""

import configparser
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from triochat.config import load
from triochat.observing.metrics import Metrics

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "admin" / "deploy"
DASHBOARD = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
ALERTS = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))
_METRIC = re.compile(r"\b((?:triochat|process)_[a-z_]+)\b")
_LABELS = re.compile(r"\b((?:triochat|process)_[a-z_]+)\{([^}]*)\}")


def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate_for_deploy", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def samples() -> dict[str, set[str]]:
    """The name of every sample that a server can tell, with its labels."""
    from dataclasses import replace

    everything = replace(generator().specimen(), disk_free=1, certificate_until=1.0)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(Metrics(lambda: everything).text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions() -> Iterator[str]:
    """All that the dashboard and the alert rules ask Prometheus."""
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
    for annotation in DASHBOARD["annotations"]["list"]:
        yield annotation["expr"]
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


SAMPLES = samples()


@pytest.mark.parametrize("expression", list(expressions()))
def test_every_expression_asks_for_what_exists(expression: str) -> None:
    assert set(_METRIC.findall(expression)) <= SAMPLES.keys()
    for metric, labels in _LABELS.findall(expression):
        assert set(re.findall(r"(\w+)\s*=", labels)) <= SAMPLES[metric] | {"instance", "job"}
    for label in re.findall(r"by \(([^)]*)\)", expression):
        assert set(re.split(r",\s*", label)) <= set().union(*SAMPLES.values()) | {"instance"}


def test_the_dashboard_shows_every_metric() -> None:
    shown = {name for text in expressions() for name in _METRIC.findall(text)}
    untold = {name for name in SAMPLES if name.startswith("triochat_")} - shown
    assert {name for name in untold if not name.endswith(("_count", "_created", "_sum"))} == set()


def test_panels_have_titles_and_places_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_alerts_say_what_happened_and_what_to_do() -> None:
    rules = [rule for group in ALERTS["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert all(rule["annotations"][part] for part in ("summary", "description"))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool on this machine")
def test_promtool_accepts_the_alerts() -> None:
    subprocess.run(["promtool", "check", "rules", str(DEPLOY / "alerts.yml")], check=True)


def unit() -> configparser.RawConfigParser:
    """The service unit; of keys that come more than once the last."""
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / "triochat.service", "utf-8")
    return parser


def test_the_unit_starts_a_server_that_says_when_it_is_ready() -> None:
    service = unit()["Service"]
    assert service["Type"] == "notify"
    command = shlex.split(service["ExecStart"])
    assert [Path(command[0]).name, command[1]] == ["triochat", "serve"]
    assert command[command.index("--data-dir") + 1] == f"/var/lib/{service['StateDirectory']}"


def test_the_sample_configuration_can_be_used() -> None:
    assert load(DEPLOY / "triochat.toml", {}, {}) == load(None, {}, {})


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """All but that the server is not installed here."""
    text = (DEPLOY / "triochat.service").read_text("utf-8")
    copy = tmp_path / "triochat.service"
    copy.write_text(text.replace("/opt/triochat/.venv/bin/triochat", "/bin/true"), "utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    complaints = [line for line in checked.stderr.splitlines() if "triochat" in line]
    assert (checked.returncode, complaints) == (0, [])
