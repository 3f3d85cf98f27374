"""Runs the tests that take long (bench, soak, national) and keeps what they said last in docs/."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

TOP = Path(__file__).parent.parent
NOTHING_COLLECTED = 5
WORDS = {
    "bench": "No measurement is written yet: mark a test with @pytest.mark.bench and it runs here.",
    "soak": "No soak is written yet: mark a test with @pytest.mark.soak and it runs here.",
    "national": "No national volume is written yet: mark a test with @pytest.mark.national and it runs here.",
}


def main(kind: str, *arguments: str) -> int:
    """Run every test marked `kind`, shown as it goes; its output is kept when it passed."""
    command = [sys.executable, "-m", "pytest", "-m", kind, "-s", "-q", *arguments]
    said: list[str] = []
    with subprocess.Popen(
        command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        for line in run.stdout or ():
            said.append(line)
            if line.strip():
                sys.stdout.write(line)
    if run.returncode == NOTHING_COLLECTED:
        print(WORDS[kind])
        return 0
    if run.returncode == 0 and os.environ.get("KEEP") != "no":
        keep(kind, "".join(said))
    return run.returncode


def keep(kind: str, said: str) -> None:
    """Put the last passed result where a reader finds it."""
    day = datetime.now(UTC).date().isoformat()
    (TOP / "docs").mkdir(exist_ok=True)
    text = f"# Last result of `make {kind}`\n\n{day}, {sys.platform}.\n\n```\n{said.strip()}\n```\n"
    (TOP / "docs" / f"last-{kind}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in WORDS:
        raise SystemExit(f"say one of: {', '.join(WORDS)}")
    sys.exit(main(*sys.argv[1:]))
