"""What goes wrong with iCloud Drive, in the hub's own errors: who must act, and never a word of the library's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from connectors._http import REPEATABLE, Repeatable
from connectors.errors import Damaged, HubError, Unreachable
from connectors.phrase import Phrase

Result = TypeVar("Result")

_SIGN_IN = Phrase("Sign in again: icloud auth login --username YOUR-APPLE-ID --session-dir FOLDER (README, Sources).")
_LATER = Phrase("Run the command again later.")
_SIGN_IN_CODES = frozenset({"401", "409", "421", "450", "AUTHENTICATION_FAILED"})
_CLOSED_CODES = frozenset({"403", "423", "ACCESS_DENIED", "ZONE_NOT_FOUND"})


def wrapped(request: Callable[[], Result], *, again: bool) -> Result:
    """Make a request. Raises `HubError`, or `Repeatable` where `again` and the trouble may pass."""
    from pyicloud.exceptions import PyiCloudException
    from requests import RequestException

    # The library logs its errors, which may quote an answer, and would print them where nothing is set up for logging.
    logging.getLogger("pyicloud").setLevel(logging.CRITICAL)
    try:
        return request()
    except PyiCloudException as error:
        told, passing = _of_library(error)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        told, passing = broken(), False
    except RequestException as error:
        status = error.response.status_code if error.response is not None else None
        told, passing = _of_code(status, "")
    except OSError:
        told, passing = _silent(), True
    if again and passing:
        raise Repeatable(told)
    raise told from None


def broken() -> HubError:
    """The error for an answer that is not what it should be."""
    return Damaged(
        Phrase("iCloud Drive answered with something the hub does not understand, or with half of it."),
        Phrase("Run the command again later; if that does not help, use the folder that iCloud keeps on this computer."),
    )


def gone(name: str) -> Unreachable:
    """The error for a file or folder that is not there."""
    return Unreachable(
        Phrase("{file} is not in iCloud Drive where the configuration says, or not once.", file=name),
        Phrase("Check `path` in hub.toml; was it moved or renamed?"),
    )


def _of_library(error: Exception) -> tuple[HubError, bool]:
    """What an exception of the library means, by its class and code: its text may quote what was sent."""
    from pyicloud import exceptions as known

    if isinstance(error, known.PyiCloudAccountLockedException):
        return Unreachable(
            Phrase("Apple has locked the account."), Phrase("Unlock it at iforgot.apple.com, then sign in again.")
        ), False
    if isinstance(error, known.PyiCloudAcceptTermsException):
        return Unreachable(
            Phrase("Apple has new terms for iCloud."), Phrase("Read and accept them at icloud.com, then run it again.")
        ), False
    if isinstance(error, known.PyiCloudPCSTimeoutException):
        return _closed(), False
    if isinstance(error, known.PyiCloudConnectionException):
        return _silent(), True
    if isinstance(error, known.PyiCloudServiceUnavailable):
        return _busy(), True
    if isinstance(error, known.PyiCloudAPIResponseException):
        return _of_code(error.code, error.reason)
    return _sign_in(), False


def _of_code(code: object, reason: str) -> tuple[HubError, bool]:
    if str(code) in _SIGN_IN_CODES:
        return _sign_in(), False
    if str(code) in _CLOSED_CODES or "PCS" in reason:
        return _closed(), False
    if str(code) == "404":
        return Unreachable(Phrase("A file is no longer in iCloud Drive where it was a moment ago."), _LATER), False
    if str(code).isdecimal() and int(str(code)) in REPEATABLE:
        return _busy(), True
    return (_silent(), True) if code is None else (broken(), False)


def _sign_in() -> HubError:
    return Unreachable(Phrase("Apple wants a new sign-in for iCloud Drive."), _SIGN_IN)


def _closed() -> HubError:
    return Unreachable(
        Phrase("iCloud Drive does not let the hub in."),
        Phrase(
            "With Advanced Data Protection, allow web access on your iPhone or Mac (Settings, your name, iCloud) and confirm the "
            "question there; then run the command again."
        ),
    )


def _busy() -> HubError:
    return Unreachable(Phrase("iCloud Drive is busy or asks for fewer requests."), _LATER)


def _silent() -> HubError:
    return Unreachable(Phrase("iCloud Drive did not answer."), Phrase("Check the network, and run the command again."))
