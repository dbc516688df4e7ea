"""Where one person stands by everything that was written down of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from connectors._values import dataclass
from hub.permissions.act import Act, Status, purpose_key, recipient_key

PermissionState = Literal["open", "used", "expired", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Permitted:
    """A permission, and whether it may still be used."""

    act: Act
    state: PermissionState


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosure; `to_tell`: its recipient must still hear of the requests named, which changed or erased the data."""

    act: Act
    to_tell: tuple[str, ...] = ()


class Standing:
    """The acts of one person in the order in which they happened; a later one counts."""

    def __init__(self, acts: Sequence[Act] = ()) -> None:
        self.acts = sorted(acts, key=lambda act: (act.day, act.written, len(act.number), act.number))

    @property
    def asked(self) -> Act | None:
        """When and how the person was asked, or answered, last."""
        return next((act for act in reversed(self.acts) if act.kind == "ask"), None)

    @property
    def status(self) -> Status:
        """The ask-status; of somebody of whom nothing is written down it is `not_asked`."""
        found = self.asked
        return found.status if found else "not_asked"  # type: ignore[return-value]  # the book holds nothing else

    @property
    def purposes(self) -> list[str]:
        """The purposes that were agreed, withdrawn or objected to, each once, as written first."""
        told = {purpose_key(act.purpose): act.purpose for act in reversed(self.acts) if act.kind in _ABOUT_PURPOSES}
        return list(reversed(told.values()))

    def agrees(self, purpose: str) -> Act | None:
        """The consent to a purpose that stands, None when there is none (any more); nothing but a consent is one."""
        last = self._last(purpose)
        return last if last and last.kind == "consent" else None

    def objects(self, purpose: str) -> Act | None:
        """The objection or withdrawal that stands against a purpose."""
        last = self._last(purpose)
        return last if last and last.kind != "consent" else None

    def _last(self, purpose: str) -> Act | None:
        meant = purpose_key(purpose)
        for act in reversed(self.acts):
            everything = act.kind == "objection" and not act.purpose
            if act.kind in _ABOUT_PURPOSES and (everything or (purpose_key(act.purpose) == meant and not act.recipient)):
                return act
        return None

    def permissions(self, day: str) -> list[Permitted]:
        """Every permission, as it is on a day (ISO)."""
        return [Permitted(act, self._state(act, day)) for act in self.acts if act.kind == "permission" and act.recipient]

    def _state(self, permission: Act, day: str) -> PermissionState:
        about = [act for act in self.acts if act.of == permission.number]
        if any(act.kind == "disclosure" for act in about):
            return "used"
        if any(act.kind == "withdrawal" for act in about):
            return "withdrawn"
        return "open" if permission.day <= day <= permission.until else "expired"

    def permitted(self, recipient: str, data: Sequence[str], day: str) -> list[Permitted]:
        """The permissions for exactly this recipient and exactly this data, those that may be used first."""
        wanted = recipient_key(recipient), frozenset(data)
        found = [one for one in self.permissions(day) if (recipient_key(one.act.recipient), frozenset(one.act.data)) == wanted]
        return sorted(found, key=lambda one: one.state != "open")

    @property
    def disclosures(self) -> list[Disclosed]:
        """Who got what."""
        return [Disclosed(act, self._open(act)) for act in self.acts if act.kind == "disclosure"]

    def _open(self, disclosure: Act) -> tuple[str, ...]:
        told = {act.request for act in self.acts if act.kind == "told" and act.of == disclosure.number}
        wanted = (act.request for act in self.acts if act.kind == "to_tell" and act.of == disclosure.number)
        return tuple(dict.fromkeys(request for request in wanted if request not in told))


_ABOUT_PURPOSES = frozenset({"consent", "withdrawal", "objection"})
