"""Settings are read once; a missing or wrong one stops the start with a sentence that names it."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings, SettingsError
from tests.support.house import KEYS, settings_for

TOP = Path(__file__).parent.parent
PRODUCTION = {
    "VAGVAL_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://vagval@/vagval",
    "OIDC_ISSUER": "https://login.example.org",
    "OIDC_CLIENT_ID": "vagval",
    "OIDC_CLIENT_SECRET": "a secret of the broker's",
    "DEBTOR_IBAN": "SE3550000000054910000003",
    "DEBTOR_BIC": "ESSESESS",
    **KEYS,
}
FERNET = base64.urlsafe_b64encode(b"f" * 32).decode()


def stopped(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as stop:
        Settings.from_environment(environ)
    return str(stop.value)


def test_production_starts_when_everything_is_said(tmp_path: Path):
    found = Settings.from_environment({**PRODUCTION, "VAGVAL_INSTANCE": str(tmp_path / "instance")})
    assert found.https
    assert not found.passwords_allowed
    assert not found.is_demo
    assert not (tmp_path / "instance").exists()  # nothing is made up, nothing is written


@pytest.mark.parametrize("name", [name for name in PRODUCTION if name != "VAGVAL_ENV"])
@pytest.mark.parametrize("value", [None, "", "   "], ids=["left out", "empty", "blank"])
def test_production_without_one_setting_stops_and_names_it(name: str, value: str | None, tmp_path: Path):
    environ = {**PRODUCTION, "VAGVAL_INSTANCE": str(tmp_path)}
    environ.pop(name)
    if value is not None:
        environ[name] = value
    said = stopped(environ)
    assert name in said
    assert "Vägval cannot start" in said
    assert not list(tmp_path.iterdir())


def test_production_with_nothing_said_names_everything_at_once():
    said = stopped({"VAGVAL_ENV": "production"})
    for name in PRODUCTION.keys() - {"VAGVAL_ENV"}:
        assert f"{name} is missing" in said


def test_a_fault_stops_a_real_start_with_the_sentence_and_no_traceback(tmp_path: Path):
    environ = {key: value for key, value in PRODUCTION.items() if key != "AUDIT_KEY"}
    run = subprocess.run(
        [sys.executable, "-c", "from config import Settings; Settings.from_environment()"],
        cwd=TOP, env={**environ, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "AUDIT_KEY is missing. Set it in the environment; see docs/operations.md." in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "AUDIT_KEY", "IDENTITY_LOOKUP_KEY"])
def test_a_short_key_stops_the_start_and_is_not_shown(name: str):
    said = stopped({**PRODUCTION, name: "short-and-secret"})
    assert f"{name} is too short; give it at least 32 random characters." in said
    assert "short-and-secret" not in said


@pytest.mark.parametrize(
    "keys",
    ["not a fernet key", FERNET[:-4], f"{FERNET},", f"{FERNET},short", "å" * 44],
)
def test_a_wrong_encryption_key_stops_the_start_and_is_not_shown(keys: str):
    said = stopped({**PRODUCTION, "IDENTITY_KEYS": keys})
    assert "IDENTITY_KEYS must be Fernet keys" in said
    assert keys not in said


def test_several_encryption_keys_are_kept_newest_first():
    older = KEYS["IDENTITY_KEYS"]
    assert Settings.from_environment({**PRODUCTION, "IDENTITY_KEYS": f"{FERNET},{older}"}).identity_keys == (
        FERNET,
        older,
    )


def test_passwords_are_refused_in_production():
    assert "PASSWORDS_ALLOWED cannot be yes in production" in stopped(
        {**PRODUCTION, "PASSWORDS_ALLOWED": "yes"}
    )
    assert not Settings.from_environment({**PRODUCTION, "PASSWORDS_ALLOWED": "no"}).passwords_allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MUNICIPALITY_ID", "0"),
        ("MUNICIPALITY_ID", "-1"),
        ("MUNICIPALITY_ID", "2147483648"),
        ("MUNICIPALITY_ID", "ett"),
        ("SESSION_IDLE_MINUTES", "241"),
        ("SESSION_HOURS", "1.5"),
        ("SESSION_HOURS", "٣"),
    ],
)
def test_a_number_out_of_its_range_stops_the_start(name: str, value: str):
    said = stopped({**PRODUCTION, name: value})
    assert f"{name} must be a whole number from 1 to" in said
    assert repr(value) in said


def test_an_unknown_environment_stops_the_start():
    assert "VAGVAL_ENV must be one of demo, test, production, not 'prod'." in stopped({"VAGVAL_ENV": "prod"})


# ── the demo makes its own keys ───────────────────────────────────────────────────────────────────


def test_a_demos_keys_are_drawn_once_and_kept_for_its_owner_alone(tmp_path: Path):
    environ = {"VAGVAL_INSTANCE": str(tmp_path / "instance")}
    first = Settings.from_environment(environ)
    place = tmp_path / "instance" / "demo-keys.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert Settings.from_environment(environ) == first
    assert [file.name for file in place.parent.iterdir()] == ["demo-keys.json"]
    elsewhere = Settings.from_environment({"VAGVAL_INSTANCE": str(tmp_path / "another")})
    assert elsewhere.audit_key != first.audit_key
    assert len({first.secret_key, first.audit_key.decode(), first.identity_lookup_key.decode()}) == 3


def test_two_processes_that_start_a_demo_at_once_agree_on_its_keys(tmp_path: Path):
    program = "from config import Settings; print(Settings.from_environment().secret_key)"
    for attempt in range(3):
        instance = tmp_path / str(attempt)
        starts = [
            subprocess.Popen(
                [sys.executable, "-c", program], cwd=TOP, stdout=subprocess.PIPE, text=True,
                env={"VAGVAL_INSTANCE": str(instance), "PATH": "/usr/bin:/bin"},
            )
            for _ in range(4)
        ]  # fmt: skip
        said = {start.communicate(timeout=30)[0].strip() for start in starts}
        assert said == {json.loads((instance / "demo-keys.json").read_text())["SECRET_KEY"]}
        assert len(list(instance.iterdir())) == 1


def test_keys_that_are_given_are_used_and_none_are_drawn(tmp_path: Path):
    found = settings_for("sqlite://", tmp_path / "instance")
    assert found.audit_key == KEYS["AUDIT_KEY"].encode()
    assert not (tmp_path / "instance").exists()
