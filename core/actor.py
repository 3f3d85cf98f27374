"""Who acts: people with accounts and roles, and the clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Boolean, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from core.refusal import Forbidden
from core.roles import BOARD, FINANCE, PROVIDER, STAFF, Role

__all__ = [
    "BOARD",
    "FINANCE",
    "PROVIDER",
    "STAFF",
    "Account",
    "AccountRole",
    "Actor",
    "Role",
]


class Account(Owned, Base):
    """A person who can sign in. `identity_fingerprint` finds the account after an e-ID sign-in."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("municipality_id", "identity_fingerprint"),
        UniqueConstraint("municipality_id", "user_name"),
    )

    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    identity_fingerprint: Mapped[str | None] = mapped_column(String(64))
    user_name: Mapped[str | None] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    language: Mapped[str] = mapped_column(String(2), default="sv")


class AccountRole(Base):
    """One role of one account."""

    __tablename__ = "account_role"
    __table_args__ = (belongs_to("account"), one_of("role", [role.value for role in Role]))

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(30), primary_key=True)


@dataclass(frozen=True)
class Actor:
    """The one who does something: a person through a door, or the clock through the timetable.

    `provider_id` is set for a provider's staff, `participant_id` for a job seeker. `account_id` 0 is the
    clock, or an operator at the command line, told apart by `kind`.
    """

    kind: str
    municipality_id: int
    account_id: int = 0
    roles: frozenset[Role] = field(default_factory=frozenset)
    provider_id: int | None = None
    participant_id: int | None = None
    name: str = ""

    @classmethod
    def clock(cls, municipality_id: int) -> Actor:
        """The timetable. It counts and proposes; it holds no role and so decides nothing."""
        return cls(kind="clock", municipality_id=municipality_id)

    @classmethod
    def operator(cls, municipality_id: int) -> Actor:
        """Whoever has a shell on the server; may set up, never decide a case."""
        return cls(kind="operator", municipality_id=municipality_id)

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds any of the roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Refuse unless the actor holds one of the roles."""
        if not self.has(*roles):
            raise Forbidden()
