"""Files of rows: a template to fill in, a file to send, how far it has come, what was wrong in each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

from flask import Response as FileResponse
from flask import make_response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import FileField, RadioField
from wtforms.validators import InputRequired

from app.files import answering, keeping, work
from app.files.references import reference
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, sentence, settings, shown, writing
from app.words import word
from core import dates
from core.actor import Role
from core.refusal import Missing, Refusal
from vouchers.actions.sending import send_file as hand_in
from vouchers.models import SentFile
from vouchers.queries import files as asked
from vouchers.queries import workload
from vouchers.queries.workload import Week
from vouchers.rules.told import FILE_KINDS, FILE_MODES

FORMS = {"csv": keeping.CSV, "xlsx": keeping.XLSX}
WAITING = ("waiting", "checking")
EVERY_SECONDS = 3


class SendForm(FlaskForm):
    """A file, what it holds, and what happens when a row is wrong."""

    kind = RadioField(
        _l("Vad är det i filen?"),
        choices=[(kind, _l("Månadsrapporter")) for kind in FILE_KINDS],
        validators=[InputRequired(_l("Välj vad det är i filen."))],
    )
    mode = RadioField(
        _l("Om någon rad är fel"),
        choices=[("all", _l("Ta inte emot något")), ("good", _l("Ta emot raderna som är rätt"))],
        default="all",
        validators=[InputRequired(_l("Välj vad som ska hända om någon rad är fel."))],
    )
    file = FileField(_l("Fil, CSV eller Excel"))

    def __init__(self) -> None:
        super().__init__()
        self.kind.choices = [(kind, word(kind, "file_kind")) for kind in FILE_KINDS]
        self.mode.choices = [(mode, word(mode, "file_mode")) for mode in FILE_MODES]


@portal.route("/files", methods=["GET", "POST"])
@open_to(Role.COACH, Role.MANAGER)
@keeping.takes_rows
def files() -> tuple[str, int] | Response:
    """Send a file of rows, and see those that were sent."""
    workplace()
    form = SendForm()
    if form.validate_on_submit():
        try:
            kept = keeping.keep_upload(settings(), form.file.data)
        except Refusal as refusal:
            form.file.errors = [*form.file.errors, sentence(refusal)]
        else:
            with refused(form):
                with writing() as session:
                    sent = hand_in(session, kept, form.kind.data, form.mode.data, by=actor(), at=dates.now())
                work.wake(work.here(), municipality_id())
                return redirect(url_for("provider.file", file_id=sent.id))
    with reading() as session:
        rows = asked.sent(session, by=actor())
    return shown(
        "provider/files.html",
        form,
        rows=rows,
        kinds=FILE_KINDS,
        most_mb=keeping.LARGEST_FILE // 1_000_000,
        kept_days=keeping.KEPT_DAYS,
        sees_all=actor().has(Role.MANAGER),
    )


@portal.route("/files/<int:file_id>")
@open_to(Role.COACH, Role.MANAGER)
def file(file_id: int) -> FileResponse:
    """How far a file has come, and what became of it. Comes again by itself until `?still=1` says not to."""
    workplace()
    with reading() as session:
        found = asked.one(session, file_id, by=actor())
    waits, still = found.state in WAITING, request.args.get("still") == "1"
    place = keeping.store(settings()).place(found.answer_digest) if found.answer_digest else None
    page = render_template(
        "provider/file.html",
        file=found,
        said=_said(found),
        waits=waits,
        still=still,
        progress=keeping.progress(settings(), file_id) if waits else None,
        has_answer=place is not None and place.exists(),
        kept_days=keeping.KEPT_DAYS,
    )
    answer = make_response(page)
    if waits and not still:
        answer.headers["Refresh"] = str(EVERY_SECONDS)
    return answer


def _said(file: SentFile) -> str | None:
    """Why the whole file was refused, in the reader's language."""
    if file.said is None:
        return None
    params = file.said_with.get("params")
    kept = dict(params) if isinstance(params, dict) else {}
    return sentence(Refusal(file.said, str(file.said_with.get("sentence", "")), **kept))


@portal.route("/files/<int:file_id>/answer")
@open_to(Role.COACH, Role.MANAGER)
def file_answer(file_id: int) -> FileResponse:
    """The same file with what is wrong in each row."""
    workplace()
    with reading() as session:
        found = asked.one(session, file_id, by=actor())
    if found.answer_digest is None:
        raise Missing()
    place = keeping.store(settings()).place(found.answer_digest)
    if not place.exists():
        raise Missing()
    ending = "xlsx" if found.media_type == keeping.XLSX else "csv"
    stem, ours = found.file_name.rpartition(".")[0] or found.file_name, _("svar")
    answer = FileResponse(_pieces(place), mimetype=found.media_type)
    answer.content_length = place.stat().st_size
    answer.headers.set("Content-Disposition", "attachment", filename=f"{stem}-{ours}.{ending}")
    return _kept_apart(answer)


def _pieces(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(keeping.PIECE):
            yield piece


def _kept_apart(answer: FileResponse) -> FileResponse:
    """Somebody's own words: never shown by a browser as a page of ours, never kept on the way."""
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@portal.route("/files/template/<kind>.<form>")
@open_to(Role.COACH, Role.MANAGER)
def file_template(kind: str, form: str) -> FileResponse:
    """A file to fill in, with one row for each person there is something to tell of."""
    here = workplace()
    if kind not in FILE_KINDS or form not in FORMS:
        raise Missing()
    with reading() as session:
        week = workload.week(session, municipality_id(), here, dates.today(), viewer=actor())
    out = BytesIO()
    lines = answering.template(kind, _people(kind, week), in_words=form == "xlsx")
    if form == "csv":
        answering.write_csv(out, lines)
    else:
        terms = list({person.rulebook_id: person.terms for person in week.people}.values())
        answering.write_xlsx(out, {"Vägval": lines, _("Så fyller ni i"): answering.explained(kind, terms)})
    out.seek(0)
    return _kept_apart(
        send_file(
            out,
            mimetype=FORMS[form],
            as_attachment=True,
            download_name=f"vagval-{word(kind, 'file_stem')}.{form}",
        )
    )


def _people(kind: str, week: Week) -> Iterable[Sequence[str]]:
    """(number, name, what is known) of those there is something to tell of. A protected person has no name in
    a file that may lie anywhere, and nobody is in it whom the reader may not know."""
    if kind == "monthly":
        for task in week.tasks:
            if task.kind in ("report", "mend") and task.month and task.served.opens:
                person = task.served
                name = "" if person.is_protected else person.name
                yield reference(person.leg_id), name, f"{task.month:%Y-%m}"
        return
    for person in week.people:
        if person.opens and person.started_on and not person.has_left(dates.today()):
            yield reference(person.leg_id), "" if person.is_protected else person.name
