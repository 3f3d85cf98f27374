"""The one way to say no: a code for programs and a sentence for people."""

from __future__ import annotations

Param = str | int


class Refusal(Exception):
    """Something the house will not do, said so that a person knows what is wrong and what to do.

    `code` is a stable snake_case word. `sentence` is Swedish, and is also the key in the message
    catalogues; `{name}` in it is filled from `params` after translation. `status` is the HTTP status a
    door answers with: 409 for a rule, 403 for a missing right, 404 for a thing that is not there for you.
    """

    def __init__(self, code: str, sentence: str, /, *, status: int = 409, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status
        self.params = params

    def __str__(self) -> str:
        return fill(self.sentence, self.params)


def fill(sentence: str, params: dict[str, Param]) -> str:
    """Put `params` in the places of a (translated) sentence."""
    return sentence.format(**params) if params else sentence


class Forbidden(Refusal):
    """The actor lacks the right; says nothing about whether the thing exists."""

    def __init__(self, code: str = "forbidden") -> None:
        super().__init__(code, "Du har inte behörighet till det här.", status=403)


class Missing(Refusal):
    """There is no such thing for this actor."""

    def __init__(self, code: str = "missing") -> None:
        super().__init__(code, "Det du söker finns inte, eller är inte ditt att se.", status=404)
