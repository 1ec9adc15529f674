"""Are there known vulnerabilities in what CI installs? `python .ci/audit.py PIP-AUDIT CONSTRAINTS`

Exit status 1 only when there are. That the data could not be reached is said, and is no failure: a service that is
down must not stop work. pip-audit calls it a success when it knows nothing of a package; here that is said, too.
"""

import json
import subprocess
import sys
from typing import Any

_SECONDS = 300


def verdict(report: dict[str, Any]) -> tuple[bool, str]:
    """Whether pip-audit's *report* is good enough, and what it says."""
    packages = report["dependencies"]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'none'}"
        for package in packages
        for flaw in package.get("vulns", ())
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if found:
        return False, "\n".join(found)
    if len(unknown) == len(packages):
        return True, "not audited: the data on vulnerabilities cannot be reached from here"
    if unknown:
        return True, f"nothing is known against {len(packages) - len(unknown)}; not audited: {', '.join(unknown)}"
    return True, f"nothing is known against {len(packages)} packages"


def main(pip_audit: str, constraints: str) -> int:
    """Audit the file *constraints* by the program *pip_audit*."""
    command = [pip_audit, "--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json"]
    try:
        done = subprocess.run([*command, "--requirement", constraints], capture_output=True, timeout=_SECONDS)
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        print("not audited: the service that knows of vulnerabilities gives no answer")
        return 0
    good, said = verdict(report)
    print(said)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
