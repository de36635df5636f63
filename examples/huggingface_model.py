"""Evaluate a Hugging Face model that is in memory: python examples/huggingface_model.py [SET].

Without SET it takes qads in this folder; to have one: robust build-qads --data demo --out qads

The model is made here, of two small layers with random weights, so that the example needs no hub; a real
one is ``AutoModelForQuestionAnswering.from_pretrained(...)``, or its name alone:
``robust.from_huggingface("deepset/tinyroberta-squad2")``.
"""

import sys

import torch
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertForQuestionAnswering, BertTokenizerFast

import robust


def tiny_model() -> tuple[BertForQuestionAnswering, BertTokenizerFast]:
    """Return a question-answering model that has learnt nothing, and its tokenizer."""
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(chr, range(33, 127))]
    vocabulary = {piece: i for i, piece in enumerate([*pieces, *("##" + p for p in pieces[5:])])}
    tokenizer = BertTokenizerFast(tokenizer_object=BertWordPieceTokenizer(vocabulary)._tokenizer)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    return BertForQuestionAnswering(config), tokenizer


if __name__ == "__main__":
    model, tokenizer = tiny_model()
    reader = robust.from_huggingface(model, tokenizer, "tiny", device="cpu")
    try:
        # limit: to see it work in seconds, as its pieces are single letters; leave it out for figures
        print(robust.evaluate(reader, sys.argv[1:] or "qads", threshold=0, limit=20)["run"])
    except robust.UserError as error:  # one line that says what to do
        sys.exit(str(error))
