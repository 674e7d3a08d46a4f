"""The embedded models' own tokenizers, trained on the train split only.

The normaliser inside ``tokenizer.json`` does what a full-size model's tokenizer does by itself: Azerbaijani lower
case (``İ`` to ``i``, ``I`` to ``ı``) and no punctuation, so that written and recognised text read the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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
LONGEST = 8
"""Letters of a word that ``beginnings_pairs`` reads."""
_SHORTEST, _RESTS = 3, 400
_HEAD = 5
"""Letters of a word to which ``pairs_text`` keeps pieces of their own."""


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


def beginnings_pairs(
    texts: Iterable[str], wanted: Iterable[str], size: int, max_tokens: int
) -> PreTrainedTokenizerFast:
    """Words by how they begin, ``[CLS] premise [SEP] hypothesis [SEP]``.

    Azerbaijani says the rest of a sentence in endings; what a word is about stands in its first letters. Words are cut
    after ``LONGEST`` letters and read as the longest beginning that is known, then pieces (``##``) that mean nothing.

    Args:
        texts: where beginnings are counted.
        wanted: words whose beginnings are known however rare they are.
        size: number of beginnings, about.
        max_tokens: most tokens of a pair.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    cut = normalizers.Replace(Regex(rf"(?<=\b\w{{{LONGEST}}})\w+"), "")
    tokenizer.normalizer = normalizers.Sequence([*_LOWER, cut])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.WordPiece()
    read = tokenizer.normalizer.normalize_str
    words = Counter(word for text in texts for word in read(text).split())
    found: Counter[str] = Counter()
    for word, count in words.items():
        found.update(dict.fromkeys(beginnings(word), count))
    known = {word for text in wanted for word in read(text).split()}
    known.update(sorted(found.keys() - known, key=lambda start: (-found[start], start))[: max(0, size - len(known))])
    rests: Counter[str] = Counter()
    for word, count in words.items():
        start = next((start for start in reversed(beginnings(word)) if start in known), word)
        rests[word[len(start) :]] += count
    common = [rest for rest, _ in sorted(rests.items(), key=lambda pair: (-pair[1], pair[0])) if rest][:_RESTS]
    letters = {letter for word in words for letter in word}
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(known)]
    pieces += [f"##{rest}" for rest in sorted({*common, *letters})]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer.model = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=40)
    tokenizer.add_special_tokens(pieces[:5])
    return _with_classifier_tokens(tokenizer, max_tokens)


def beginnings(word: str) -> list[str]:
    """The beginnings of a word that tell something, shortest first: itself when it is short."""
    return [word[:end] for end in range(min(_SHORTEST, len(word)), min(LONGEST, len(word)) + 1)]


def pairs_text(texts: Iterable[str], size: int, max_tokens: int) -> PreTrainedTokenizerFast:
    """Byte pair encoding, ``text </s>``; it keeps case and punctuation, which summaries need.

    A piece ends after a word's first ``_HEAD`` letters: they say what it is about, and stay one piece whatever ending
    follows.
    """
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    space = [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    tokenizer.normalizer = normalizers.Sequence(space)
    heads = pre_tokenizers.Split(Regex(rf"^▁?\w{{1,{_HEAD}}}"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Metaspace(), heads])
    tokenizer.decoder = decoders.Metaspace()
    special = ["<pad>", "</s>", "<unk>"]
    trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=2, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
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
