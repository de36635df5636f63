"""A reader behind HTTP that answers as official SQuAD prediction files do: ``{id: answer}``.

One question is sent as ``{"id", "question", "context"}``, several as SQuAD JSON (``data``, ``paragraphs``,
``qas``). An answer is text, "" or null where it abstains, or ``{"text", "null_odds"}``.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from robust.errors import UserError, first_line
from robust.reader.decode import Prediction
from robust.reader.own.callable import prediction, short
from robust.squad.official import render
from robust.squad.records import Question

# worth another try: the server is busy, restarting, or behind a gateway that is
_PASSING = frozenset({429, 500, 502, 503, 504})
# an answer to thousands of questions is smaller; what is larger is no answer
_MOST_BYTES = 64 * 1024 * 1024
_LONGEST_WAIT = 60.0


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: urllib would send a GET there, without the question."""

    def redirect_request(self, *given: Any, **named: Any) -> None:
        """Return nothing, so that the redirect is an error."""


@dataclass(frozen=True, slots=True)
class EndpointReader:
    """An HTTP endpoint as a reader; see ``from_endpoint``."""

    url: str = field(repr=False)  # what stands behind its ? may be a key
    name: str
    batch: int
    timeout: float
    attempts: int
    backoff: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # they may hold a key

    @property
    def address(self) -> str:
        """The URL as messages and run folders show it: without its query, which may hold a key."""
        return self.url.partition("?")[0].partition("#")[0]

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        """Return a prediction for every question, asked in one request.

        Raises UserError, naming the question, where the endpoint refuses, stays away or says what is no
        answer.
        """
        first = questions[0]
        body = (
            json.dumps({"id": first.id, "question": first.text, "context": first.context})
            if len(questions) == 1
            else render(questions)
        )
        ids = repr(first.id) + (f" and {len(questions) - 1} more" if len(questions) > 1 else "")
        where = f"{self.address}: question {ids}"
        answers = _parse(self._ask(body.encode(), where), where)
        found = []
        for question in questions:
            place = f"{self.address}: question {question.id!r}"
            if question.id not in answers:
                raise UserError(f"{place}: no answer in {short(answers)}; expected {{id: answer}}")
            said = answers[question.id]
            if isinstance(said, dict) and "text" in said and "null_odds" in said:
                said = (said["text"], said["null_odds"])
            found.append(prediction(said, place))
        return found

    def _ask(self, body: bytes, where: str) -> bytes:
        """Return the answer's bytes, trying again where the trouble may pass."""
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "application/json", "Accept": "application/json", **self.headers}
        )
        opener = urllib.request.build_opener(_Stay)
        wait = self.backoff
        for attempt in range(1, self.attempts + 1):
            pause = wait
            try:
                with opener.open(request, timeout=self.timeout) as response:
                    found: bytes = response.read(_MOST_BYTES + 1)
                if len(found) > _MOST_BYTES:
                    raise UserError(f"{where}: more than {_MOST_BYTES:,} bytes; expected {{id: answer}}")
                return found
            except urllib.error.HTTPError as error:
                with error:
                    said = " ".join(error.read(200).decode("utf-8", "replace").split())
                moved = error.headers.get("Location")
                told = f"HTTP {error.code} {error.reason}" + (f" to {moved}" if moved else "")
                told += f" ({said})" if said else ""
                if error.code not in _PASSING:
                    raise UserError(f"{where}: {told}; expected 200 with {{id: answer}}") from error
                pause = max(wait, _seconds(error.headers.get("Retry-After")))
            except (OSError, http.client.HTTPException) as error:  # refused, timed out, broken off
                told = first_line(getattr(error, "reason", None) or error)
            if attempt < self.attempts:
                time.sleep(min(pause, _LONGEST_WAIT))
                wait *= 2
        raise UserError(
            f"{where}: {told}, {self.attempts} times over; see that the server is up, then run the same again"
        )


def from_endpoint(
    url: str,
    name: str | None = None,
    *,
    batch: int = 1,
    timeout: float = 60.0,
    attempts: int = 5,
    backoff: float = 0.5,
    headers: Mapping[str, str] | None = None,
) -> EndpointReader:
    """Return a reader that posts questions to an HTTP endpoint; nothing is sent yet.

    ``batch``: questions in a request, of which one alone is sent as ``{"id", "question", "context"}`` and
    several as SQuAD JSON. ``timeout``: seconds until an answer must come. Connections that fail, and the
    statuses 429, 500, 502, 503 and 504, are tried ``attempts`` times, ``backoff`` seconds apart at first,
    then twice as long each time (60 at most), or as long as the server's Retry-After says. ``headers``
    (a key, say) go with every request, and into no file. Raises UserError for what is no http(s) URL, and
    for a password in it, which run folders would keep.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{url}: no such address; expected http://HOST/... or https://HOST/...")
    if parts.username is not None or parts.password is not None:
        raise UserError(
            f"{parts.scheme}://...@{parts.hostname}: a name or password in the address, which run folders "
            "would keep; give it in headers: robust.from_endpoint(URL, headers={'Authorization': ...})"
        )
    if batch < 1 or attempts < 1 or timeout <= 0:
        raise UserError(f"{url}: batch {batch}, attempts {attempts}, timeout {timeout}; expected all above 0")
    return EndpointReader(url, name or parts.netloc, batch, timeout, attempts, backoff, dict(headers or {}))


def _parse(body: bytes, where: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        shown = short(body[:80].decode("utf-8", "replace"))
        raise UserError(f"{where}: found {shown}, which is not JSON; expected {{id: answer}}") from None
    if not isinstance(found, dict):
        raise UserError(f"{where}: found {short(found)}; expected one JSON object of id: answer")
    return found


def _seconds(retry_after: str | None) -> float:
    """Return the seconds of a Retry-After header; 0 where it has none, or a date."""
    try:
        return max(0.0, float(retry_after or 0))
    except ValueError:
        return 0.0
