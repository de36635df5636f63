"""``robust eval --reader`` and ``--endpoint`` as a user types them."""

import json
import sys
from pathlib import Path

import pytest

from robust.cli.main import main
from robust.squad.io import write_squad


@pytest.fixture
def robust(tiny, tmp_path, own_home, monkeypatch, capsys):
    questions = tiny.tiny_questions()
    write_squad(tmp_path / "paired.json", [*questions, *(tiny.tiny_variant(q) for q in questions)])
    (tmp_path / "my_own_model.py").write_text(
        "def answer(question, context):\n    return 'oak'\n\n\n"
        "class Model:\n    name = 'mine'\n\n    def answer(self, questions):\n"
        "        from robust import Prediction\n"
        "        return [Prediction(q.id, 'oak', float(len(q.text))) for q in questions]\n\n\nnumber = 3\n"
        "\n\nclass Needy:\n    def __init__(self, weights):\n        pass\n"
    )
    (tmp_path / "my_lame_model.py").write_text("import no_such_package\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["robust", "eval", *arguments, "--set", "paired.json"])
        with pytest.raises(SystemExit) as end:
            main()
        sys.modules.pop("my_own_model", None)
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err.strip()

    return run


def test_a_function_and_a_class_are_evaluated_by_name(robust):
    code, said, error = robust("--reader", "my_own_model:answer", "--json")
    assert code == 0, error
    figures = json.loads(said)
    assert figures["model"] == "my_own_model:answer"
    assert json.loads((Path(figures["run"]) / "manifest.json").read_text())["command"].startswith(
        "robust eval"
    )
    code, said, error = robust("--reader", "my_own_model:Model", "--out", "run", "--threshold", "0")
    assert code == 0, error
    assert "mine; null threshold given, 0.00" in said
    code, said, _ = robust("--reader", "my_own_model:answer")
    assert "its answers are final" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--reader", "my_own_model"), "expected MODULE:OBJECT"),
        (("--reader", "no_module:answer"), "no module no_module here or installed"),
        (("--reader", "my_own_model:answr"), "did you mean answer?"),
        (("--reader", "my_own_model:number"), "is a int; expected a function of question and context"),
        (("--reader", "my_own_model:Needy"), "cannot be made without arguments ("),
        (("--reader", "json:dumps"), "json:dumps: cannot be called with question and context"),
        (("--reader", "my_lame_model:x"), "my_lame_model imports no_such_package, which is not installed"),
        (("--reader", "my_own_model:answer", "--dtype", "float32"), "--dtype: goes with --model"),
        (("--reader", "my_own_model:answer", "--request-size", "3"), "--request-size: goes with --endpoint"),
        (("--reader", "my_own_model:answer", "--threshold", "0"), "answers are final; leave it out"),
        (("--endpoint", "localhost:1"), "expected http://HOST/"),
        (("--endpoint", "http://localhost:1", "--model", "x"), "expected one of --model NAME"),
        (("--model", "minilm-squad2", "--reader-version", "1"), "goes with --endpoint or --reader"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_exit_2(robust, arguments, said):
    code, out, error = robust(*arguments)
    assert (code, out) == (2, "")
    assert error.startswith("robust: ")
    assert "\n" not in error
    assert said in error


def test_an_endpoint_is_asked_and_its_key_is_not_noted_down(robust, monkeypatch):
    from robust.reader.own.endpoint import EndpointReader

    bodies = []

    def ask(self, body, where):
        bodies.append(json.loads(body))
        asked = [q for e in bodies[-1]["data"] for p in e["paragraphs"] for q in p["qas"]]
        return json.dumps({q["id"]: "" for q in asked}).encode()

    monkeypatch.setattr(EndpointReader, "_ask", ask)
    url = "http://localhost:1/a?key=hidden"
    code, _, error = robust("--endpoint", url, "--request-size", "8", "--out", "run")
    assert code == 0, error
    assert len(bodies) == 3
    manifest = Path("run/manifest.json").read_text()
    assert "--endpoint http://localhost:1/a " in manifest
    assert "hidden" not in manifest
    code, _, error = robust(f"--endpoint={url}", "--request-size", "8", "--out", "run")
    assert code == 0, error
    manifest = Path("run/manifest.json").read_text()
    assert "--endpoint=http://localhost:1/a " in manifest
    assert "hidden" not in manifest
