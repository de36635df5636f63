"""A reader behind HTTP that answers as official SQuAD prediction files do: ``{id: answer}``.

One question is sent as ``{"id", "question", "context"}``, several as SQuAD JSON (``data``, ``paragraphs``,
``qas``). An answer is text, "" or null where it abstains, or ``{"text", "null_odds"}``.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

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
# what is read of a refusal, and what is shown of it: a key must not be cut in two before it is looked for
_READ, _SHOWN = 64 * 1024, 200
# shorter values of a query or header are no keys, and stand in many words
_LEAST_SECRET = 4


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
        return _shown(self.url)

    @property
    def url_sha256(self) -> str:
        """The SHA-256 of the whole URL: it tells endpoints apart that differ in the query alone."""
        return hashlib.sha256(self.url.encode()).hexdigest()

    def hidden(self, text: str) -> str:
        """Return what a server or a library said without the URL's query and the headers' values."""
        query = self.url[len(self.address) :]
        values = [part.partition("=")[2] or part for part in re.split(r"[?&;#]", query)]
        values += [word for value in self.headers.values() for word in (value, *value.split()[1:])]
        values += [query[1:], *(unquote_plus(value) for value in values)]
        secrets = {value for value in values if len(value) >= _LEAST_SECRET}
        text = text.replace(self.url, self.address)
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, "...")
        return text

    def answer(self, questions: Sequence[Question]) -> list[Prediction]:
        """Return a prediction for every question, asked in one request.

        Raises UserError, naming the question, where the endpoint refuses, stays away or says what is no
        answer.
        """
        first = questions[0]
        body = (
            json.dumps({"id": first.id, "question": first.text, "context": first.context})
            if len(questions) == 1
            else "".join(render(questions))
        )
        ids = repr(first.id) + (f" and {len(questions) - 1} more" if len(questions) > 1 else "")
        where = f"{self.address}: question {ids}"
        answers = self._parse(self._ask(body.encode(), where), where)
        found = []
        for question in questions:
            place = f"{self.address}: question {question.id!r}"
            if question.id not in answers:
                raise UserError(
                    f"{place}: no answer in {short(answers, self.hidden)}; expected {{id: answer}}"
                )
            said = answers[question.id]
            if isinstance(said, dict) and "text" in said and "null_odds" in said:
                said = (said["text"], said["null_odds"])
            found.append(prediction(said, place, self.hidden))
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
                    said = " ".join(error.read(_READ).decode("utf-8", "replace").split())
                said = self.hidden(said)[:_SHOWN]
                moved = error.headers.get("Location")
                told = f"HTTP {error.code} {self.hidden(str(error.reason))}"
                told += f" to {self.hidden(_shown(moved))}" if moved else ""
                told += f" ({said})" if said else ""
                if error.code not in _PASSING:
                    raise UserError(f"{where}: {told}; expected 200 with {{id: answer}}") from error
                pause = max(wait, _seconds(error.headers.get("Retry-After")))
            except ValueError as error:  # of the address, a host that cannot be one: no second try
                raise UserError(f"{where}: {self.hidden(first_line(error))}; correct the address") from None
            except (OSError, http.client.HTTPException) as error:  # refused, timed out, broken off
                told = self.hidden(first_line(getattr(error, "reason", None) or error))
            if attempt < self.attempts:
                time.sleep(min(pause, _LONGEST_WAIT))
                wait *= 2
        raise UserError(
            f"{where}: {told}, {self.attempts} times over; see that the server is up, then run the same again"
        )

    def _parse(self, body: bytes, where: str) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            shown = short(self.hidden(body[:_READ].decode("utf-8", "replace"))[:80])
            raise UserError(f"{where}: found {shown}, which is not JSON; expected {{id: answer}}") from None
        if not isinstance(found, dict):
            shown = short(found, self.hidden)
            raise UserError(f"{where}: found {shown}; expected one JSON object of id: answer")
        return found


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
    (a key, say) go with every request, and into no file. Raises UserError for what is no http(s) URL, for
    a password in it, which run folders would keep, and for headers that HTTP cannot carry.
    """
    shown = _shown(url)
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket left open, a port that is none
        known = False
    if not known:
        raise UserError(f"{shown}: no such address; expected http://HOST/... or https://HOST/...")
    if not all("!" <= letter <= "~" for letter in url):
        raise UserError(
            f"{shown!a}: a space or a letter that no address has; write it with percent signs (%20, %C3%B6)"
        )
    if parts.username is not None or parts.password is not None:
        raise UserError(
            f"{parts.scheme}://...@{parts.hostname}: a name or password in the address, which run folders "
            "would keep; give it in headers: robust.from_endpoint(URL, headers={'Authorization': ...})"
        )
    if batch < 1 or attempts < 1 or timeout <= 0:
        raise UserError(
            f"{shown}: batch {batch}, attempts {attempts}, timeout {timeout}; expected all above 0"
        )
    _check_headers(shown, headers or {})
    return EndpointReader(url, name or parts.netloc, batch, timeout, attempts, backoff, dict(headers or {}))


def _shown(url: str) -> str:
    """Return a URL without query, fragment, name and password, be it one or not."""
    bare = url.partition("?")[0].partition("#")[0]
    start, colons, rest = bare.rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{start}{colons}{'...@' if '@' in host else ''}{host.rpartition('@')[2]}{slash}{path}"


def _check_headers(shown: str, headers: Mapping[str, str]) -> None:
    """Raise UserError, without any value, for headers that http.client would stumble over."""
    for name, value in headers.items():
        if not isinstance(name, str) or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise UserError(f"{shown}: header {short(name)}; expected a name of letters, digits and hyphens")
        if not isinstance(value, str) or not re.fullmatch(r"[\t -~\xa0-\xff]*", value):
            raise UserError(
                f"{shown}: the value of header {name} holds a line break, or what Latin-1 has not; "
                "expected one line of plain text (strip() what comes from a file)"
            )


def _seconds(retry_after: str | None) -> float:
    """Return the seconds of a Retry-After header; 0 where it has none, or a date."""
    try:
        return max(0.0, float(retry_after or 0))
    except ValueError:
        return 0.0
