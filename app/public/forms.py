"""What a visitor fills in: wishes for the comparison, what to seek in the register, and feedback."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app import words
from app.public import actions
from app.public.open_data import Register
from providers.queries.open_register import Entry, Registered
from vouchers.queries.choices import ORDERS, Comparison, Wishes

ORDER_WORDS = {
    "neutral": _l("Blandad ordning"),
    "name": _l("Namn, A till Ö"),
    "result": _l("Resultat, högst först"),
    "voice": _l("Deltagarnas betyg, högst först"),
    "distance": _l("Närmast först"),
}

SOUGHT_STATES = {
    "": _l("Gäller nu"),
    "open": _l("Tar emot nu"),
    "provisionally_revoked": _l("Tillfälligt återkallad"),
    "ended": _l("Har upphört"),
    "all": _l("Alla"),
}


class WishesForm(FlaskForm):
    """Filters and order of the comparison; a plain GET form, so an address can be shared."""

    class Meta:
        csrf = False

    service = SelectField(_l("Insats"))
    language = SelectField(_l("Språk"))
    area = SelectField(_l("Område"))
    orientation = SelectField(_l("Kan särskilt om"))
    accessibility = SelectField(_l("Tillgänglighet"))
    q = StringField(_l("Ord att söka efter"))
    order = SelectField(_l("Ordning"), choices=[(code, ORDER_WORDS[code]) for code in ORDERS])
    open = BooleanField(_l("Bara de som tar emot nu"))

    @classmethod
    def about(cls, wishes: Wishes, comparison: Comparison, locale: str) -> WishesForm:
        """The form as filled in with these wishes, its choices those of the comparison."""
        market = comparison.market
        filled = {
            "service": wishes.service,
            "language": wishes.language,
            "area": wishes.area,
            "orientation": wishes.orientation,
            "accessibility": wishes.accessibility,
            "q": wishes.text,
            "order": wishes.order,
            **({"open": "1"} if wishes.open_only else {}),
        }
        form = cls(formdata=MultiDict(filled))
        every = ("", _("Alla"))
        form.service.choices = [
            every,
            *((offer.code, offer.service.title(locale)) for offer in comparison.offers.values()),
        ]
        form.language.choices = [every, *((code, words.language(code)) for code in market.languages)]
        form.area.choices = [every, *((area, area) for area in market.areas)]
        titles = {code: title.title(locale) for code, title in market.orientations.items()}
        form.orientation.choices = [every, *_by_title(titles)]
        needs = [(code, words.word(code, "accessibility")) for code in market.accessibility]
        form.accessibility.choices = [("", _("Spelar ingen roll")), *needs]
        return form


@dataclass(frozen=True)
class Sought:
    """What somebody seeks in the register. Empty means no wish; `state` empty is what is in force."""

    name: str = ""
    kundval: str = ""
    service: str = ""
    state: str = ""
    language: str = ""

    @classmethod
    def read(cls, arguments: Mapping[str, str], register: Register) -> Sought:
        """From an address; a wish that nothing in the register can meet is dropped."""
        entries = [entry for _one, entry in register.entries]
        schemes = {entry.scheme for entry in entries}
        services = {f"{entry.scheme}.{entry.service}" for entry in entries}
        languages = {code for one in register.providers for code in one.languages}

        def known(name: str, among: Collection[str]) -> str:
            return arguments[name] if arguments.get(name) in among else ""

        return cls(
            name=" ".join(arguments.get("name", "")[:200].split()),
            kundval=known("kundval", schemes),
            service=known("service", services),
            state=known("state", SOUGHT_STATES),
            language=known("language", languages),
        )

    def meets(self, one: Registered, entry: Entry) -> bool:
        """Whether the accreditation is among those sought."""
        return (
            self.name.casefold() in one.name.casefold()
            and self.kundval in ("", entry.scheme)
            and self.service in ("", f"{entry.scheme}.{entry.service}")
            and (not self.language or self.language in one.languages)
            and self._in_state(entry)
        )

    def _in_state(self, entry: Entry) -> bool:
        if self.state == "open":
            return entry.intake == "open"
        if self.state in ("", "ended"):
            return entry.is_current == (self.state == "")
        return self.state in ("all", entry.state)

    @property
    def is_filtered(self) -> bool:
        """Whether anything is sought beyond what is in force."""
        return self != Sought()


class RegisterForm(FlaskForm):
    """Filters of the register; a plain GET form, so an address can be shared."""

    class Meta:
        csrf = False

    name = StringField(_l("Anordnarens namn"))
    kundval = SelectField(_l("Kundval"))
    service = SelectField(_l("Insats"))
    state = SelectField(_l("Läge"), choices=list(SOUGHT_STATES.items()))
    language = SelectField(_l("Språk"))

    @classmethod
    def about(cls, sought: Sought, register: Register, locale: str) -> RegisterForm:
        """The form as filled in with what is sought, its choices those of the register."""
        form = cls(formdata=MultiDict(asdict(sought)))
        every = ("", _("Alla"))
        schemes: dict[str, str] = {}
        services: dict[str, str] = {}
        for _one, entry in register.entries:
            schemes[entry.scheme] = entry.scheme_en if locale == "en" else entry.scheme_sv
            services[f"{entry.scheme}.{entry.service}"] = register.title(entry, locale)
        if len(schemes) > 1:
            services = {code: f"{schemes[code.split('.')[0]]}: {title}" for code, title in services.items()}
        languages = {
            code: words.language(code)
            for code in sorted({code for one in register.providers for code in one.languages})
        }
        form.kundval.choices = [every, *_by_title(schemes)]
        form.service.choices = [every, *_by_title(services)]
        form.language.choices = [every, *_by_title(languages)]
        return form


def _by_title(titles: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(titles.items(), key=lambda item: item[1].casefold())


class FeedbackForm(FlaskForm):
    """What somebody thinks, about which page, and where to answer."""

    text = TextAreaField(
        _l("Vad vill du säga?"),
        validators=[
            DataRequired(_l("Skriv vad du tycker.")),
            Length(max=5000, message=_l("Texten är för lång. Skriv högst 5 000 tecken.")),
        ],
    )
    page = StringField(
        _l("Vilken sida gäller det?"),
        validators=[
            Optional(),
            Length(max=200, message=_l("Sidans namn är för långt. Skriv högst 200 tecken.")),
        ],
    )
    contact = StringField(
        _l("E-post eller telefon"),
        validators=[Optional(), Length(max=320, message=_l("Skriv högst 320 tecken."))],
    )

    def read(self) -> actions.FeedbackForm:
        """The answers."""
        return actions.FeedbackForm(
            text=self.text.data or "", page=self.page.data or "", contact=self.contact.data or None
        )
