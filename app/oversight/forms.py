"""What a reader of the statistics may choose: a year and a service, in the address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from app.oversight.figures import Figures


@dataclass(frozen=True)
class Chosen:
    """The filters in use: `year` None is the last twelve whole months, `service` "" all of them."""

    year: int | None
    service: str

    @property
    def arguments(self) -> dict[str, str]:
        """The same, as an address has them."""
        return {
            **({"year": str(self.year)} if self.year is not None else {}),
            **({"service": self.service} if self.service else {}),
        }


def asked(figures: Figures) -> Chosen:
    """What the address asks for; what is not there is not asked for."""
    year, service = request.args.get("year", type=int), request.args.get("service", "")
    return Chosen(year if year in figures.years else None, service if service in figures.services else "")


class FilterForm(FlaskForm):
    """A plain GET form, so that an address can be shared."""

    class Meta:
        csrf = False

    year = SelectField(_l("Period"))
    service = SelectField(_l("Insats"))

    @classmethod
    def about(cls, figures: Figures, chosen: Chosen, locale: str) -> FilterForm:
        """The form as filled in with what is chosen."""
        form = cls(formdata=MultiDict(chosen.arguments or {"year": ""}))
        form.year.choices = [
            ("", _("Senaste tolv månaderna")),
            *((str(year), str(year)) for year in reversed(figures.years)),
        ]
        form.service.choices = [
            ("", _("Alla insatser")),
            *titles(figures, locale).items(),
        ]
        return form


def titles(figures: Figures, locale: str) -> dict[str, str]:
    """Names of the services that are in use, by code; with their kundval when there are several."""
    used = figures.services
    alone = len({figures.offers[code].scheme_sv for code in used}) <= 1
    return {code: figures.offers[code].title(locale, alone=alone) for code in used}
