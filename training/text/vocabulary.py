"""The embedded models' own tokenizers, trained on the train split only.

The normaliser inside ``tokenizer.json`` does what a full-size model's tokenizer does by itself: Azerbaijani lower
case (``İ`` to ``i``, ``I`` to ``ı``) and no punctuation, so that written and recognised text read the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

_LOWER = [
    normalizers.NFC(),
    normalizers.Replace("İ", "i"),
    normalizers.Replace("I", "ı"),
    normalizers.Lowercase(),
    normalizers.Replace(Regex(r"[^\w\s]+"), " "),
    normalizers.Replace(Regex(r"\s+"), " "),
    normalizers.Strip(),
]


def wordpiece(texts: Iterable[str], size: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """BERT's tokenizer: WordPiece, ``[CLS] text [SEP]``."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.Sequence(_LOWER)
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=special, min_frequency=2)
    tokenizer.train_from_iterator(texts, trainer)
    return _with_classifier_tokens(tokenizer, max_tokens)


def unigram_pairs(texts: Iterable[str], size: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """DeBERTa-v2's tokenizer: SentencePiece unigram, ``[CLS] premise [SEP] hypothesis [SEP]``."""
    tokenizer = _unigram(texts, size, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], "[UNK]", _LOWER)
    return _with_classifier_tokens(tokenizer, max_tokens)


def unigram_text(texts: Iterable[str], size: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """mT5's tokenizer: SentencePiece unigram, ``text </s>``; it keeps case and punctuation, which summaries need."""
    space = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    tokenizer = _unigram(texts, size, ["<pad>", "</s>", "<unk>"], "<unk>", space)
    end = [("</s>", tokenizer.token_to_id("</s>"))]
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", special_tokens=end)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


def _unigram(
    texts: Iterable[str], size: int, special: list[str], unknown: str, steps: Sequence[normalizers.Normalizer]
) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(list(steps))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token=unknown, max_piece_length=20)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _with_classifier_tokens(tokenizer: Tokenizer, max_tokens: int) -> PreTrainedTokenizerFast:
    ends = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", pair, special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
