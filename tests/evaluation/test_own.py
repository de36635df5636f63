"""A model of the user's own: protocol, wrappers, and a run folder like any other."""

import json
import math
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

import robust
from robust.evaluation.asked import DistinctQuestions
from robust.evaluation.evaluate import evaluate_reader
from robust.evaluation.sets import MAIN, Arm, EvaluationSet
from robust.reader.predict import PredictSettings
from robust.squad.io import write_squad


@pytest.fixture
def paired(tiny):
    """A set of twelve questions whose control arm repeats the clean side under the set's own ids."""
    questions = tiny.tiny_questions()
    variants = [tiny.tiny_variant(q) for q in questions]
    of = {v.id: v.id.partition("#")[0] for v in variants}
    same = [tiny.replace(q, id=f"{q.id}#1") for q in questions]
    other = [tiny.replace(v, text=v.text + " Now?") for v in variants]
    arms = {MAIN: Arm(questions, variants, of), "identity": Arm(questions, same, of)}
    return EvaluationSet("s", arms | {"other": Arm(questions, other, of)}, ())


def gold(paired):
    """Return an answerer that knows every clean answer, and abstains on what is reworded."""
    known = {(q.text, q.context): q.answers[0].text for q in paired.arms[MAIN].original if q.answers}
    return lambda question, context: known.get((question, context))


def test_importing_robust_loads_nothing_and_offers_everything():
    heavy = "{'numpy', 'pandas', 'torch', 'rich'}"
    code = f"import sys, robust; print(sorted({heavy} & set(sys.modules)), dir(robust))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("[] ")
    for name in ("Reader", "evaluate", "from_callable", "from_endpoint", "from_huggingface"):
        assert repr(name) in said
        assert hasattr(robust, name)
    with pytest.raises(AttributeError, match="no attribute 'evaluator'"):
        _ = robust.evaluator


def test_no_set_at_all_is_one_line(paired):
    with pytest.raises(robust.UserError, match="no set to evaluate on"):
        robust.evaluate(robust.from_callable(gold(paired), "oracle"), [])


def test_a_function_is_evaluated_and_its_answers_are_final(paired, tmp_path):
    result = robust.evaluate(robust.from_callable(gold(paired), "oracle"), paired, out=tmp_path / "run")
    figures = result["sets"]["s"]
    assert (figures["original"]["exact"], figures["perturbed"]["exact"]) == (100.0, 50.0)
    assert figures["drop"]["HasAns_exact"] == 100.0
    assert figures["threshold"] == {"kind": "none"}
    assert "best_exact" not in figures["original"]
    assert figures["controls"]["arms"]["identity"]["drop"]["exact"] == 0.0
    run = robust.read_run(tmp_path / "run")
    assert run.manifest["model"]["name"] == "oracle"
    assert run.manifest["configuration"]["threshold"] == "none"
    assert len(run.manifest["model"]["answers_sha256"]) == 64
    assert set(run.scores["key"]) == set(run.predictions["key"])
    assert run.predictions["null_odds"].isna().all()


def test_null_odds_give_the_figures_that_our_own_readers_have(tiny, paired, tmp_path):
    reader = tiny.tiny_reader()
    ours = evaluate_reader(
        reader, [paired], PredictSettings(device="cpu"), out=tmp_path / "ours", threshold="cross-fit"
    )
    own = robust.from_huggingface(reader.model, reader.tokenizer, device="cpu")
    object.__setattr__(own.loaded, "settings", reader.settings)

    class Plain:
        name = "plain"

        def answer(self, questions):
            return own.answer(questions)

    assert isinstance(Plain(), robust.Reader)
    result = robust.evaluate(Plain(), [paired], out=tmp_path / "own")
    assert result["sets"] == ours["sets"]
    fixed = robust.evaluate(Plain(), [paired], out=tmp_path / "fixed", threshold=0)
    assert fixed["sets"]["s"]["threshold"]["by_fold"] == [0.0] * 5


def test_a_reader_with_null_odds_may_abstain_without(paired, tmp_path):
    find = gold(paired)
    reader = robust.from_callable(lambda q, c: (text, -1.0) if (text := find(q, c)) else None, "odds")
    result = robust.evaluate(reader, paired, out=tmp_path / "run")["sets"]["s"]
    assert result["threshold"]["kind"] == "cross-fit"
    assert result["original"]["exact"] == 100.0


def test_a_model_in_memory_is_known_by_what_it_holds(tiny, paired, tmp_path):
    reader = tiny.tiny_reader()
    one = robust.from_huggingface(reader.model, reader.tokenizer, "mine", device="cpu")
    again = robust.from_huggingface(tiny.tiny_reader().model, tiny.tiny_tokenizer(), "mine")
    assert one.loaded.sha256 == again.loaded.sha256
    again.loaded.model.qa_outputs.bias.data += 1
    changed = robust.from_huggingface(again.loaded.model, tiny.tiny_tokenizer(), "mine")
    assert changed.loaded.sha256 != one.loaded.sha256
    result = robust.evaluate(one, paired, out=tmp_path / "run", threshold=0)
    assert result["model"] == "mine"
    assert robust.read_run(tmp_path / "run").manifest["model"]["sha256"] == one.loaded.sha256
    half = robust.from_huggingface(tiny.tiny_reader().model.half(), tiny.tiny_tokenizer(), device="cpu")
    assert len(half.answer(paired.arms[MAIN].original[:2])) == 2


def test_a_model_that_cannot_read_is_refused(tiny):
    reader = tiny.tiny_reader()
    with pytest.raises(robust.UserError, match="AutoModelForQuestionAnswering"):
        robust.from_huggingface(reader.model.base_model, reader.tokenizer, "encoder")
    with pytest.raises(robust.UserError, match="no tokenizer; expected a fast one"):
        robust.from_huggingface(reader.model)


def test_each_question_is_asked_once_unseen_and_in_order(paired):
    asked = []

    def answer(questions):
        asked.extend(questions)
        return [robust.Prediction(q.id, "", math.nan) for q in questions]

    robust.evaluate(SimpleNamespace(name="spy", answer=answer, batch=5), [paired])
    main, other = paired.arms[MAIN], paired.arms["other"].perturbed
    texts = [(q.text, q.context) for q in (*main.original, *main.perturbed, *other)]
    assert [(q.text, q.context) for q in asked] == texts
    assert not any(q.answers for q in asked)
    assert len({q.id for q in asked}) == len(asked)
    assert [q.id for q in asked[:12]] == [q.id for q in main.original]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (3, r"answered 3; expected text, \(text, null odds\), or None"),
        (("oak", "high"), r"answered \('oak', 'high'\)"),
        (("oak", math.inf), "with null odds inf"),
        ("\ud800", "half a character"),
    ],
)
def test_what_is_no_answer_names_its_question(paired, said, message):
    with pytest.raises(robust.UserError, match=f"odd: question 'harbour-0': .*{message}|{message}"):
        robust.evaluate(robust.from_callable(lambda q, c: said, "odd"), paired)


def test_answers_that_are_mixed_misplaced_or_missing_are_refused(paired):
    def reader(answer):
        return SimpleNamespace(name="r", answer=answer)

    mixed = iter(["oak", ("oak", 1.0)] * 99)
    with pytest.raises(robust.UserError, match="'harbour-1': an answer with null odds, unlike those before"):
        robust.evaluate(robust.from_callable(lambda q, c: next(mixed), "mixed"), paired)
    with pytest.raises(robust.UserError, match="0 answers to 32 questions from 'harbour-0' on"):
        robust.evaluate(reader(lambda qs: []), paired)
    with pytest.raises(robust.UserError, match="'harbour-0': the answer is to 'orchard-1#1@"):
        robust.evaluate(reader(lambda qs: [robust.Prediction(q.id, "", 0.0) for q in qs[::-1]]), paired)


def test_thresholds_that_cannot_be_are_refused_at_the_first_answer(paired):
    calls = []
    final = robust.from_callable(lambda q, c: calls.append(q) or "oak", "final")
    with pytest.raises(robust.UserError, match="final gives no null odds"):
        robust.evaluate(final, paired, threshold=0)
    assert len(calls) == 1
    for wrong in ("own", "high", "nan"):
        with pytest.raises(robust.UserError, match=f"--threshold {wrong}: "):
            robust.evaluate(final, paired, threshold=wrong)


def test_a_version_keeps_answers_and_a_function_without_one_is_always_asked(paired):
    calls = []
    reader = robust.from_callable(lambda q, c: calls.append(q), "counted")
    total = len(DistinctQuestions([*paired.arms[MAIN].original, *paired.arms[MAIN].perturbed])) + 12
    told = []
    for version, expected in (
        ("1", total),
        ("1", total),
        ("2", 2 * total),
        (None, 3 * total),
        (None, 4 * total),
    ):
        robust.evaluate(reader, paired, version=version, notice=told.append)
        assert len(calls) == expected
    assert told == [f"counted: {total} of {total} answers are kept from an earlier run"]


def test_result_files_load_with_plain_pandas(paired, tmp_path):
    robust.evaluate(robust.from_callable(gold(paired), "oracle"), paired, out=tmp_path / "run")
    code = """
import json, sys
import pandas as pd
scores = pd.read_parquet("scores.parquet")
main = scores[scores["arm"] == "main"]
em = main.groupby("condition")["em"].mean()
predictions = pd.read_parquet("predictions.parquet")
assert not scores["prediction"].isna().any()
assert len(scores.merge(predictions, on=["seed", "key"])) == len(scores)
summary = pd.json_normalize(json.load(open("summary.json"))["sets"]["s"])
assert summary["drop.exact"][0] == 100 * (em["clean"] - em["perturbed"]) == 50
assert not any(name.split(".")[0] == "robust" for name in sys.modules)
"""
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "run", check=True, env=clean)


class Server:
    """An endpoint that says what its script says: (status, body) in turn, then right answers."""

    def __init__(self):
        self.script, self.seen, self.headers = [], [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append(asked)
                outer.headers.append(dict(self.headers))
                status, body = outer.script.pop(0) if outer.script else (200, None)
                if status == 0:  # hangs up
                    self.connection.close()
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere?key=secret")
                self.end_headers()
                self.wfile.write(json.dumps(outer.answers(asked)).encode() if body is None else body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer"

    @staticmethod
    def answers(asked):
        if "data" not in asked:
            return {asked["id"]: asked["context"].split()[1]}
        paragraphs = [p for entry in asked["data"] for p in entry["paragraphs"]]
        return {q["id"]: p["context"].split()[1] for p in paragraphs for q in p["qas"]}


@pytest.fixture
def server():
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_an_endpoint_answers_one_by_one_and_in_batches_alike(server, paired, tmp_path):
    one = robust.evaluate(robust.from_endpoint(server.url), paired, out=tmp_path / "one")
    assert set(server.seen[0]) == {"id", "question", "context"}
    count = len(server.seen)
    many = robust.evaluate(robust.from_endpoint(server.url, batch=7), paired, out=tmp_path / "many")
    assert one["sets"] == many["sets"]
    assert len(server.seen) - count == math.ceil(count / 7)
    asked = [q for entry in server.seen[-2]["data"] for p in entry["paragraphs"] for q in p["qas"]]
    assert all(q["answers"] == [] for q in asked)
    manifest = robust.read_run(tmp_path / "one").manifest
    assert manifest["model"]["address"] == server.url


def test_an_endpoint_is_asked_again_where_the_trouble_may_pass(server, paired):
    server.script = [(503, b"busy"), (429, b""), (0, b""), (500, b"")]
    reader = robust.from_endpoint(server.url, backoff=0.001)
    assert reader.answer(paired.arms[MAIN].original[:1])[0].text == "Old"
    assert len(server.seen) == 5
    server.script = [(503, b"busy")] * 2
    with pytest.raises(robust.UserError, match=r"'harbour-0': HTTP 503 .*\(busy\), 2 times over"):
        robust.from_endpoint(server.url, backoff=0.001, attempts=2).answer(paired.arms[MAIN].original[:1])


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"no such page", r"HTTP 404 Not Found \(no such page\)"),
        (302, b"", "HTTP 302 Found to /elsewhere; expected 200"),
        (404, b"x" * 195 + b" /answer?key=secret", r"\(x{195} /ans\); expected"),
        (404, b"no secret here, key=secret", r"\(no \.\.\. here, \.\.\.\)"),
        (200, b"no secret", r"'no \.\.\.', which is not JSON"),
        (200, b'{"harbour-0": ["no secret"]}', r"answered \['no \.\.\.'\]; expected text"),
        (200, b"[" * 100_000, r"which is not JSON"),
        (200, b'{"harbour-0": {"text": "a", "null_odds": 1' + b"0" * 400 + b"}}", "null odds 1000.*a float"),
        (200, b"<html>", "'<html>', which is not JSON"),
        (200, b"[1]", r"found \[1\]; expected one JSON object"),
        (200, b"{}", "no answer in {}"),
        (200, b'{"harbour-0": 3}', "answered 3; expected text"),
    ],
)
def test_a_refusal_or_a_malformed_answer_is_one_line_and_no_second_try(server, paired, status, body, said):
    server.script = [(status, body)]
    with pytest.raises(robust.UserError, match=f"^{server.url}: question 'harbour-0': .*{said}") as told:
        robust.from_endpoint(server.url + "?key=secret").answer(paired.arms[MAIN].original[:1])
    assert "secret" not in str(told.value)
    assert len(server.seen) == 1


def test_an_endpoint_may_give_null_odds_and_gets_headers_that_no_file_holds(server, paired, tmp_path):
    server.answers = lambda asked: {asked["id"]: {"text": asked["context"].split()[1], "null_odds": 1.5}}
    reader = robust.from_endpoint(server.url + "?key=hidden", headers={"Authorization": "hidden"})
    result = robust.evaluate(reader, paired, out=tmp_path / "run")
    assert result["sets"]["s"]["threshold"]["kind"] == "cross-fit"
    assert server.headers[0]["Authorization"] == "hidden"
    assert "hidden" not in (tmp_path / "run" / "manifest.json").read_text() + repr(reader)


def test_an_interrupted_endpoint_loses_no_answer_and_a_finished_one_keeps_none(server, paired, own_home):
    server.script = [(200, None)] * 9 + [(404, b"")]
    with pytest.raises(robust.UserError, match="404"):
        robust.evaluate(robust.from_endpoint(server.url), paired)
    told = []
    robust.evaluate(robust.from_endpoint(server.url), paired, notice=told.append)
    assert len(server.seen) == 36 + 1
    assert "9 of 36 answers are kept" in told[0]
    assert not list((own_home / "predictions").iterdir())


@pytest.mark.parametrize(
    ("url", "said"),
    [("localhost:8000", "no such address"), ("file:///etc/passwd", "no such address"),
     ("http://me:secret@host/a", "http://...@host: a name or password"),
     ("me:secret@host/a?k=secret", "...@host/a: no such address"), ("ftp://h/a?k=secret", "no such address"),
     ("http://[::1/?k=secret", "no such address"), ("http://h:port/?k=secret", "no such address"),
     ("http://h/a b?k=secret", "write it with percent signs"), ("http://h/\u00f6k", "percent signs")],
)  # fmt: skip
def test_an_address_that_will_not_do_is_refused_before_it_is_called(url, said):
    with pytest.raises(robust.UserError, match=said) as told:
        robust.from_endpoint(url)
    assert "secret" not in str(told.value)


def test_headers_and_numbers_that_will_not_do_are_refused_without_a_value():
    for headers in ({"X-Key": "secret\n"}, {"X-Key": "secret\u20ac"}, {"X Key": "secret"}, {"X-Key": 3}):
        with pytest.raises(robust.UserError, match=r"http://h/: (the value of )?header '?X") as told:
            robust.from_endpoint("http://h/?k=secret", headers=headers)
        assert "secret" not in str(told.value)
    with pytest.raises(robust.UserError, match=r"^http://h/: batch 0"):
        robust.from_endpoint("http://h/?k=secret", batch=0)


def test_a_host_that_cannot_be_one_is_told_at_once(paired):
    with pytest.raises(robust.UserError, match="correct the address"):
        robust.from_endpoint("http://a..b/?k=secret", backoff=99).answer(paired.arms[MAIN].original[:1])


def test_header_values_echoed_by_a_server_are_not_shown(server, paired):
    server.script = [(403, b"token abcdef of Bearer abcdef is old")]
    reader = robust.from_endpoint(server.url, headers={"Authorization": "Bearer abcdef"})
    with pytest.raises(robust.UserError, match=r"\(token \.\.\. of \.\.\. is old\)"):
        reader.answer(paired.arms[MAIN].original[:1])


def test_endpoints_that_differ_in_the_query_alone_share_no_answers(server, paired, own_home):
    for query in ("?model=one", "?model=two", "?model=one"):
        result = robust.evaluate(robust.from_endpoint(server.url + query), paired, version="1")
    assert len(server.seen) == 2 * 36
    digest = robust.from_endpoint(server.url + query).url_sha256
    assert digest not in (Path(result["run"]) / "manifest.json").read_text()


def test_what_cannot_be_called_is_one_line_and_what_breaks_inside_keeps_its_traceback(paired):
    with pytest.raises(robust.UserError, match="dumps: cannot be called with question and context"):
        robust.evaluate(robust.from_callable(json.dumps), paired)
    with pytest.raises(TypeError, match="can only concatenate"):
        robust.evaluate(robust.from_callable(lambda q, c: q + 1, "inside"), paired)
    for batch in ("many", 0, 1.5):
        with pytest.raises(robust.UserError, match=r"r: batch .*; expected how many questions"):
            robust.evaluate(SimpleNamespace(name="r", answer=None, batch=batch), paired)
    with pytest.raises(robust.UserError, match="answer cannot be called with a list of questions"):
        robust.evaluate(SimpleNamespace(name="r", answer=lambda: []), paired)
    with pytest.raises(robust.UserError, match="r: answered NoneType to 32 questions"):
        robust.evaluate(SimpleNamespace(name="r", answer=lambda qs: None), paired)
    with pytest.raises(robust.UserError, match=r"null odds 1000.*expected a number that a float holds"):
        robust.evaluate(robust.from_callable(lambda q, c: ("oak", 10**400), "big"), paired)


def test_sets_are_taken_by_path_or_name(tiny, tmp_path):
    write_squad(tmp_path / "data.json", tiny.tiny_questions())
    reader = robust.from_callable(lambda q, c: "oak", "oak")
    result = robust.evaluate(reader, [tmp_path / "data.json", "demo"], limit=6)
    assert [s["total"] for s in result["sets"].values()] == [6, 6]


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("from within")])
def test_a_bug_of_the_users_own_keeps_its_traceback_and_names_the_question(paired, error):
    def buggy(question: str, context: str) -> str:
        def inner() -> str:
            raise error

        return inner()

    with pytest.raises(type(error)) as raised:
        robust.evaluate(robust.from_callable(buggy, "mine"), paired)
    (note,) = raised.value.__notes__
    assert note.startswith("mine was asked question '")
