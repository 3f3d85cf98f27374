"""What a linter cannot know about the house. Each check is shown a bad example first, so that it can fail."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.source import FLOORS, HOUSE, Source, called, files

FORBIDDEN_ROOMS = {"services", "helpers", "utils", "util", "common", "misc", "repositories", "managers"}
LONGEST = 400


# ── the checks: a source in, faults out ───────────────────────────────────────────────────────────


def one_commit(source: Source) -> Iterator[str]:
    """Only core/database.py commits."""
    if source.within(*HOUSE) and source.path != "core/database.py":
        for call in source.calls():
            if isinstance(call.func, ast.Attribute) and call.func.attr == "commit":
                yield source.at(call, f"{called(call)}() is for core/database.py")


RAW_CLOCKS = re.compile(r"(^|\.)((date|datetime)\.(today|now|utcnow)|time\.(time|localtime|gmtime))$")


def one_clock(source: Source) -> Iterator[str]:
    """Only core/dates.py reads the machine's clock; only doors (app) ask it what day it is."""
    if not source.within(*HOUSE, "config.py", "wsgi.py") or source.path == "core/dates.py":
        return
    for call in source.calls():
        name = called(call)
        if RAW_CLOCKS.search(name):
            yield source.at(call, f"{name}() reads the machine's clock; core/dates.py does that")
        elif source.within(*FLOORS) and re.fullmatch(r"((core\.)?dates\.)?(today|now)", name):
            yield source.at(call, f"{name}() asks for the time on a floor; take it as an argument")


def one_audit_door(source: Source) -> Iterator[str]:
    """Only core/audit.py writes the audit trail."""
    if source.within(*HOUSE) and source.path != "core/audit.py":
        for call in source.calls():
            name = called(call).split(".")[-1]
            table = ast.unparse(call.args[0]).split(".")[-1] if call.args else ""
            if name == "AuditEntry" or (table == "AuditEntry" and name in {"insert", "update", "delete"}):
                yield source.at(call, "AuditEntry(...) is written by core/audit.py::record alone")


def no_float_near_money(source: Source) -> Iterator[str]:
    """No float, no float literal and no true division in the money's rooms."""
    if not source.within("payouts", "core/money.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield source.at(node, f"the float {node.value} near money")
        elif isinstance(node, ast.Name | ast.Attribute) and re.search(r"(^|\.)float\d*$", ast.unparse(node)):
            yield source.at(node, "a float near money")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_path(source, node):
            yield source.at(node, "/ makes a float; use core.money.share or //")
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield source.at(node, "/= makes a float; use core.money.share or //")


PATHLIKE = re.compile(r"\bPath\b|\.parent\b|^HERE$|^TOP$")


def _joins_path(source: Source, node: ast.BinOp) -> bool:
    """`HERE / "pain.xsd"` is a path, not a sum: one side is text, or something the file says is a Path."""
    paths = {
        arg.arg
        for arg in ast.walk(source.tree)
        if isinstance(arg, ast.arg) and PATHLIKE.search(_text(arg.annotation))
    } | {
        _text(target)
        for assigned in ast.walk(source.tree)
        if isinstance(assigned, ast.Assign) and PATHLIKE.search(_text(assigned.value))
        for target in assigned.targets
    }
    return any(
        (isinstance(side, ast.Constant) and isinstance(side.value, str))
        or isinstance(side, ast.JoinedStr)
        or _text(side) in paths
        or PATHLIKE.search(_text(side))
        for side in (node.left, node.right)
    )


def _text(node: ast.AST | None) -> str:
    return ast.unparse(node) if node else ""


def no_long_file(source: Source) -> Iterator[str]:
    """No file over 400 lines without a reason."""
    lines = source.text.count("\n")
    if source.within("migrations/versions"):
        return  # a list of columns, never edited again
    if lines > LONGEST and not re.search(r"^# long because: \S", source.text, re.MULTILINE):
        yield f"{source.path}: {lines} lines; make it a folder, or say `# long because: ...`"


def one_reader_of_the_environment(source: Source) -> Iterator[str]:
    """Only config.py reads the environment."""
    if not source.within(*HOUSE, "wsgi.py"):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = ast.unparse(node)
            if name in ENVIRONMENT and not _is_parameter(source, name):
                yield source.at(node, f"{name} is read by config.py alone")


ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "environ", "getenv"}


def _is_parameter(source: Source, name: str) -> bool:
    """WSGI hands every application a dictionary that it too calls environ."""
    return any(isinstance(node, ast.arg) and node.arg == name for node in ast.walk(source.tree))


def a_caption(source: Source) -> Iterator[str]:
    """A file opens with a caption."""
    if source.text.strip() and not ast.get_docstring(source.tree):
        yield f"{source.path}: opens without a caption"


def no_forbidden_room(source: Source) -> Iterator[str]:
    """No room whose name says nothing."""
    for part in Path(source.path).with_suffix("").parts:
        if part in FORBIDDEN_ROOMS:
            yield f"{source.path}: a room called {part} says nothing about what is in it"


ACTIONS = re.compile(r"^(core|providers|vouchers|payouts|app/\w+)/actions(\.py|/)")


def actions_leave_a_trace(source: Source) -> Iterator[str]:
    """Every public action (it takes `session` and, by name, `by`) ends by recording what it did."""
    if not ACTIONS.match(source.path):
        return
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            takes, named = ({one.arg for one in kind} for kind in (node.args.args, node.args.kwonlyargs))
            if "session" in takes and "by" in named and not _ends_in_record(node.body):
                yield source.at(node, f"{node.name} does not end with audit.record(...)")


def _ends_in_record(body: list[ast.stmt]) -> bool:
    """The last statement records; what it returns may be said after it. A fork must record on every way."""
    last = body[-1]
    if isinstance(last, ast.Return) and not _records(last.value):
        return len(body) > 1 and not _does_something(last) and _ends_in_record(body[:-1])
    if isinstance(last, ast.If):
        every_way = bool(last.orelse) and _ends_in_record(last.orelse)
        return (every_way or _if_anything_was_stored(last)) and _ends_in_record(last.body)
    if isinstance(last, ast.With):
        return _ends_in_record(last.body)
    return isinstance(last, ast.Expr | ast.Return) and _records(last.value)


def _if_anything_was_stored(fork: ast.If) -> bool:
    """Of many rows at once that say nothing new none is stored: nothing happened, so nothing is recorded."""
    return isinstance(fork.test, ast.Attribute) and fork.test.attr == "stored" and not fork.orelse


def _does_something(last: ast.Return) -> bool:
    """Whether more is called than the making of an answer: `Result(lines)`, `len(rows)`."""
    calls = [called(part).split(".")[-1] for part in ast.walk(last) if isinstance(part, ast.Call)]
    return any(not name[:1].isupper() and name not in {"len", "sum", "tuple", "int", "str"} for name in calls)


def _records(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and called(value) in {"audit.record", "record"}


# ── the house, and the bad examples ───────────────────────────────────────────────────────────────

Check = Callable[[Source], Iterable[str]]
ACTION = "def submit(session, leg, *, by, today):\n    "
CASES: list[tuple[Check, str, list[str], list[str]]] = [
    (
        one_commit,
        "vouchers/actions.py",
        ["session.commit()"],
        ["commitment()", "session.begin_nested()"],
    ),
    (
        one_clock,
        "payouts/queries.py",
        [
            "import datetime as d; d.datetime.now()",
            "date.today()",
            "time.time()",
            "from core.dates import today\ntoday()",
            "dates.now()",
        ],
        ["created_at = column(default=now)", "time.monotonic()", "f(today=today)"],
    ),
    (
        one_audit_door,
        "app/cli.py",
        ["session.add(audit.AuditEntry(what=''))", "insert(AuditEntry)"],
        ["select(AuditEntry)"],
    ),
    (
        no_float_near_money,
        "payouts/rules/base_fee.py",
        ["amount_ore * 0.5", "float(amount)", "amount_ore / 3", "amount_ore /= 2", "np.float64(1)"],
        [
            "amount_ore // 3",
            'HERE / "pain.xsd"',
            "def put(outbox: Path, name): return outbox / name",
            "# half: 0.5\n",
        ],
    ),
    (
        no_long_file,
        "core/x.py",
        ["x = 1\n" * 401],
        ["x = 1\n" * 400, "# long because: one table\n" + "x = 1\n" * 500],
    ),
    (
        one_reader_of_the_environment,
        "app/views.py",
        ["os.environ['A']", "os.getenv('A')", "from os import environ\nenviron.get('A')"],
        ["Settings.from_environment()", "def app(environ, start):\n    environ['A']"],
    ),
    (a_caption, "core/x.py", ["x = 1"], ['"""What it is."""\nx = 1', ""]),
    (no_forbidden_room, "app/utils/x.py", ["x = 1"], []),
    (no_forbidden_room, "app/common.py", ["x = 1"], []),
    (
        actions_leave_a_trace,
        "vouchers/actions/reports.py",
        [
            f"{ACTION}session.add(leg)",
            f"{ACTION}audit.record(session)\n    session.add(leg)",
            f"{ACTION}audit.record(session)\n    return change(leg)",
            f"{ACTION}if leg:\n        audit.record(session)",
        ],
        [
            f"{ACTION}audit.record(session)",
            f"{ACTION}audit.record(session)\n    return leg",
            f"{ACTION}audit.record(session)\n    return Result(len(leg))",
            f"{ACTION}if leg:\n        audit.record(1)\n    else:\n        audit.record(2)",
            "def _inner(session, by):\n    pass",
            "def own_leg(session, leg_id, by):\n    return leg_id",
        ],
    ),
]
CHECKS = list(dict.fromkeys(check for check, *_ in CASES))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_keeps_its_rule(check: Check):
    found = [fault for source in files() for fault in check(source)]
    assert not found, "\n".join([str(check.__doc__), *found])


@pytest.mark.parametrize(
    ("check", "path", "bad"),
    [(check, path, text) for check, path, bad, _ in CASES for text in bad],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_the_check_sees_a_breach(check: Check, path: str, bad: str):
    assert list(check(Source(path, bad))), f"{check.__name__} let this through:\n{bad[:200]}"


@pytest.mark.parametrize(
    ("check", "path", "good"),
    [(check, path, text) for check, path, _, good in CASES for text in good],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_the_check_leaves_the_innocent_alone(check: Check, path: str, good: str):
    assert not list(check(Source(path, good)))


def test_every_floor_has_only_the_four_rooms():
    rooms = {"__init__", "models", "rules", "queries", "actions"}
    extra = {"payouts": {"rails", "tariffs", "calculating"}}
    for floor in FLOORS:
        found = {
            Path(source.path).relative_to(floor).parts[0].removesuffix(".py")
            for source in files()
            if source.within(floor)
        }
        assert found <= rooms | extra.get(floor, set()), (
            f"{floor} has a room that is not in the drawing: {found - rooms}"
        )


def test_checks_look_at_something():
    assert {source.path for source in files()} >= {
        "core/database.py",
        "core/audit.py",
        "core/dates.py",
        "config.py",
    }
