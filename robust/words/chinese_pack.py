"""Chinese as a language pack: words and parts of speech by jieba (the extra ``chinese``), rules of our own.

Chinese words have no inflection, so a synonym of the same part of speech stands as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from robust.errors import UserError, extra
from robust.squad.chinese import segments
from robust.words.tokens import Token

_QUESTION_WORDS = frozenset(
    [
        "谁",
        "何",
        "何时",
        "何地",
        "何处",
        "何人",
        "何年",
        "何种",
        "什么",
        "什麼",
        "甚么",
        "为什么",
        "为何",
        "怎么",
        "怎样",
        "怎么样",
        "如何",
        "多少",
        "几",
        "几个",
        "几时",
        "多久",
        "多大",
        "多长",
        "多高",
        "多远",
        "哪",
        "哪个",
        "哪些",
        "哪里",
        "哪儿",
        "哪年",
        "哪种",
        "哪一",
        "哪位",
        "哪国",
        "是否",
        "吗",
        "呢",
    ]
)
_QUOTED = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", '"': '"'}
# jieba's tags (those of ICTCLAS) that stand for names, numbers and times, and the Penn tags of the others.
_NAMES = ("nr", "ns", "nt", "nz", "nrt", "nrfg")
_COUNTS = ("m", "mq", "t", "q")
_PENN = {"n": "NN", "v": "VB", "a": "JJ", "d": "RB"}


class Chinese:
    """Chinese, simplified or traditional as jieba knows it."""

    code = "zh"

    def analyse(self, text: str) -> Sequence[Token]:
        """Return the words with offsets; the tag is a Penn tag for open classes, else jieba's own."""
        tokens: list[Token] = []
        at = 0
        for word, flag in self._tagger.lcut(text):
            if not word.strip():
                continue
            start = text.index(word, at)
            at = start + len(word)
            tag = "NNP" if flag in _NAMES else "CD" if flag in _COUNTS else _PENN.get(flag[:1], flag)
            tokens.append(Token(word, start, at, tag, word))
        return tokens

    def untouchable(
        self, text: str, tokens: Sequence[Token], answers: Sequence[str], context: str
    ) -> dict[int, str]:
        """Return token index -> why no attack may exchange it; the first reason that holds."""
        asked = {segment for answer in answers for segment in segments(answer)}
        quoted = list(_quotations(text))
        reasons: dict[int, str] = {}
        for i, token in enumerate(tokens):
            word = token.text
            if not any(character.isalnum() for character in word):
                reasons[i] = "mark"
            elif word in _QUESTION_WORDS or any(word.startswith(w) for w in ("什么", "哪", "多少", "几")):
                reasons[i] = "question word"
            elif token.tag == "CD" or any(character.isdigit() for character in word):
                reasons[i] = "number"
            elif any(start <= token.start and token.end <= end for start, end in quoted):
                reasons[i] = "quotation"
            elif token.tag == "NNP":
                reasons[i] = "name"
            elif any(word in answer or answer in word for answer in answers) or set(segments(word)) <= asked:
                reasons[i] = "answer word"
            elif token.tag not in _PENN.values():
                reasons[i] = "stop word"
        return reasons

    def form(self, tokens: Sequence[Token], index: int, word: str) -> str | None:
        """Return the word itself where it is tagged as the token is; else None."""
        tagged = self._tagger.lcut(word)
        if len(tagged) != 1:
            return None
        return word if _PENN.get(tagged[0].flag[:1]) == tokens[index].tag else None

    @cached_property
    def _tagger(self) -> Any:
        try:
            import jieba
            import jieba.posseg
        except ModuleNotFoundError as error:
            raise UserError(f"language 'zh': needs jieba; {extra('chinese')}") from error
        words = jieba.Tokenizer()
        # Filled here, since jieba itself would read a cache from the folder of temporary files, which anybody
        # may have written.
        words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
        words.initialized = True
        return jieba.posseg.POSTokenizer(words)


def _quotations(text: str) -> list[tuple[int, int]]:
    found, opened = [], None
    for place, character in enumerate(text):
        if opened is not None and character == _QUOTED[text[opened]]:
            found.append((opened, place + 1))
            opened = None
        elif opened is None and character in _QUOTED:
            opened = place
    return found
