"""A made-up life, in the address: nothing of it is sent or stored, and an address can be shared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from app.calculator.life import Life, parts_of
from app.calculator.pricing import span
from app.calculator.shelf import MOST_MONTHS, Offer, Volume
from app.fields import Codes, Day, Number
from payouts.rules.fees import Completion, Instalments, Offset, OutcomeFee
from payouts.rules.tariff import MOST_PARTS

FIRST_YEAR, LAST_YEAR = 2000, 2099
MOST_PRICE = 10_000_000
MOST_TICKED = 4
CHOSEN = ("offer", "group", "region", "finish")


def _between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, message=_l("Skriv ett tal från %(min)s till %(max)s."))


def _in_reach(_form: FlaskForm, field: Day) -> None:
    if isinstance(field.data, date) and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(
            _("Skriv ett år från %(first)s till %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)
        )


class VolumeForm(FlaskForm):
    """Which rules to count by."""

    class Meta:
        csrf = False

    rulebook = SelectField(_l("Kundval och version"), validate_choice=False)

    @classmethod
    def about(cls, volumes: list[Volume], chosen: Volume, locale: str) -> VolumeForm:
        """The form with everything there is."""
        form = cls(formdata=MultiDict({"rulebook": chosen.key}))
        form.rulebook.choices = {
            title: [(volume.key, volume.title(locale)) for volume in volumes if volume.ours == ours]
            for title, ours in ((_("Här i kommunen"), True), (_("Andras, att jämföra med"), False))
            if any(volume.ours == ours for volume in volumes)
        }
        return form


class LifeForm(FlaskForm):
    """What happens to a person who is made up. Questions that the tariff does not ask are taken away."""

    class Meta:
        csrf = False

    volume: Volume
    results: int
    most_bonuses: int
    offer = SelectField(_l("Insats och nivå"), validate_choice=False)
    group = SelectField(_l("Målgrupp"), validate_choice=False)
    region = SelectField(_l("Område"), validate_choice=False)
    started = Day(_l("Första dagen"), [InputRequired(_l("Skriv första dagen.")), _in_reach])
    months = Number(
        _l("Hur många månader är beslutet på?"),
        [InputRequired(_l("Skriv hur många månader beslutet är på.")), _between(1, MOST_MONTHS)],
    )
    ended = Day(_l("Sista dagen, om den är bestämd"), [Optional(), _in_reach])
    finish = SelectField(_l("Hur slutade det?"), validate_choice=False)
    price = Number(
        _l("Pris för personen"),
        [InputRequired(_l("Skriv priset som är överenskommet.")), _between(1, MOST_PRICE)],
    )
    pause_from = Day(_l("Pausens första dag"), [Optional(), _in_reach])
    pause_to = Day(_l("Pausens sista dag"), [Optional(), _in_reach])
    result_on = Day(_l("Första dagen i arbete eller studier"), [Optional(), _in_reach])
    parts = Codes(_l("Vad är kontrollerat och godkänt?"), validate_choice=False)
    bonuses = Number(
        _l("Hur många delar av bonusen är kontrollerade?"), [Optional(), _between(0, MOST_PARTS)], blank=0
    )
    percent = Number(_l("Hur stor del av resultatet nåddes?"), [Optional(), _between(1, 100)], blank=100)
    held = BooleanField(_l("Kommunen håller inne anordnarens pengar"))

    @classmethod
    def about(cls, volume: Volume, filled: MultiDict[str, str], locale: str) -> LifeForm:
        """The form with the questions of that tariff."""
        form = cls(formdata=filled)
        form.volume = volume
        form.offer.choices = [(offer.value, offer.title(locale)) for offer in volume.offers]
        form.finish.choices = [
            ("", _("Det är inte bestämt")),
            ("completed", _("Personen fullföljde")),
            ("broken_off", _("Personen avbröt")),
        ]
        form._factors(locale)
        fees = volume.priced.tariff.fees
        kinds = [fee.terms for fee in fees]
        if not any(isinstance(terms, Instalments | Completion) for terms in kinds):
            del form.finish
        if not any(isinstance(terms, Instalments) and terms.agreed for terms in kinds):
            del form.price
        if not any(isinstance(terms, OutcomeFee) and terms.partial for terms in kinds):
            del form.percent
        form._parts(volume.offer(form.offer.data or "") or volume.offers[0])
        return form

    def _parts(self, offer: Offer) -> None:
        """Ask for the parts that the level has; for how many, where they are too many to tick."""
        self.results, self.most_bonuses = parts_of(self.volume, offer)
        if self.most_bonuses <= MOST_TICKED:
            del self.bonuses
        else:
            self.bonuses.description = _(
                "Högst %(most)s. Den första prövas %(first)s, den sista %(last)s.",
                most=self.most_bonuses,
                first=_when(self.volume, "bonus", 1),
                last=_when(self.volume, "bonus", self.most_bonuses),
            )
        self.parts.choices = self._part_choices()
        if not self.parts.choices:
            del self.parts
        if not self.results and not self.most_bonuses:
            del self.result_on

    def _factors(self, locale: str) -> None:
        """Ask for group and region where some price hangs on them."""
        fees = self.volume.priced.tariff.fees
        words = {group.code: group.title(locale) for group in self.volume.groups}
        for name in ("group", "region"):
            codes = sorted({code for fee in fees for code in getattr(fee.factors, name)})
            if codes:
                field: Any = self[name]
                field.choices = [
                    ("", _("Ingen särskild")),
                    *((code, words.get(code, code)) for code in codes),
                ]
            else:
                delattr(self, name)

    def validate(self, extra_validators: Any = None) -> bool:
        """Each answer by itself, and then against the others."""
        if not super().validate(extra_validators):
            return False
        for name in CHOSEN:
            field: Any = self._fields.get(name)
            if field is not None and (field.data or "") not in [code for code, _word in field.choices]:
                field.errors = [_("Välj något i listan.")]
        self._in_order()
        return not self.errors

    def _in_order(self) -> None:
        life = self.read()
        if life.ended and life.ended < life.started:
            self.ended.errors = [_("Sista dagen kan inte vara före den första.")]
        if self.pause_to.data and not life.pause:
            self.pause_from.errors = [_("Skriv pausens första dag.")]
        if life.pause:
            first, last = life.pause
            if last and last < first:
                self.pause_to.errors = [_("Pausen kan inte sluta innan den börjar.")]
            if not life.started <= first <= life.last:
                self.pause_from.errors = [_("Pausen ska börja medan insatsen pågår.")]
        if life.result_on and life.result_on < life.started:
            self.result_on.errors = [_("Resultatet kan inte börja före insatsen.")]
        if len(life.bonuses) > self.most_bonuses:
            self.bonuses.errors = [
                _("Skriv ett tal från %(min)s till %(max)s.", min=0, max=self.most_bonuses)
            ]
        if (life.results or life.bonuses) and not life.result_on:
            self.result_on.errors = [_("Skriv första dagen i arbete eller studier.")]

    def read(self) -> Life:
        """The answers, of which each by itself is right."""
        offer = self.volume.offer(self.offer.data or "") or self.volume.offers[0]
        if self.started.data is None or self.months.data is None:
            raise AssertionError("a form is read only when it has been validated")
        ticked = self._said("parts") or ()
        return Life(
            volume=self.volume,
            offer=offer,
            started=self.started.data,
            months=self.months.data,
            ended=self.ended.data,
            finish=self._said("finish") or "",
            group=self._said("group") or "",
            region=self._said("region") or "",
            price=self._said("price"),
            pause=(self.pause_from.data, self.pause_to.data) if self.pause_from.data else None,
            result_on=self._said("result_on"),
            results=tuple(part for part in range(1, self.results + 1) if f"r{part}" in ticked),
            bonuses=self._bonuses(ticked),
            percent=self._said("percent") or 100,
            held=bool(self.held.data),
        )

    def _bonuses(self, ticked: Collection[str]) -> tuple[int, ...]:
        many = self._said("bonuses")
        if many is not None:
            return tuple(range(1, many + 1))
        return tuple(part for part in range(1, self.most_bonuses + 1) if f"b{part}" in ticked)

    def _part_choices(self) -> list[tuple[str, str]]:
        """Every part that can be ticked, with when it is due."""
        found = []
        for part in range(1, self.results + 1):
            name = _("Resultatet, del %(part)s", part=part) if self.results > 1 else _("Resultatet")
            found.append((f"r{part}", f"{name}, {_when(self.volume, 'result', part)}"))
        if "bonuses" in self._fields:
            return found
        for part in range(1, self.most_bonuses + 1):
            name = _("Bonusen, del %(part)s", part=part) if self.most_bonuses > 1 else _("Bonusen")
            found.append((f"b{part}", f"{name}, {_when(self.volume, 'bonus', part)}"))
        return found

    def _said(self, name: str) -> Any:
        """The answer, None for a question that is not asked."""
        field = self._fields.get(name)
        return field.data if field is not None else None


def _when(volume: Volume, component: str, part: int) -> str:
    priced = volume.priced
    offset = priced.offset(component, part)
    if offset is None and component == "result" and part <= len(priced.result_after):
        offset = Offset(priced.result_after[part - 1])
    if offset is not None and offset.count:
        return str(_("%(time)s efter att arbetet eller studierna började", time=span(offset)))
    if offset is None and component == "bonus" and priced.bonus_after is not None:
        return str(_("%(time)s efter att insatsen slutade", time=span(Offset(priced.bonus_after))))
    return str(_("när arbetet eller studierna börjar"))
