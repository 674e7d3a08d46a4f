"""What the topics recipe is made of: words by their beginnings, the glossary, and a log-linear model as a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.text import topics
from training.text.glossary import read_glossary, read_subjects
from training.text.knowledge import fit, ids
from training.text.loglinear import shares
from training.text.names import PARAPHRASES, TEMPLATES
from training.text.noise import Noise
from training.text.product import LogLinear, combined, write
from training.text.unseen import read_unseen
from training.text.vocabulary import beginnings, beginnings_pairs

SUBJECTS = {"cards": ["lost or stolen card", "PIN code"], "loans": ["mortgage", "loan repayment"]}
SAID = {
    "lost or stolen card": "Kartımı itirmişəm, oğurlayıblar.",
    "PIN code": "Pin kodu unutmuşam, kodu dəyişin.",
    "mortgage": "İpoteka ilə ev almaq istəyirəm.",
    "loan repayment": "Kreditin aylığını ödəmək istəyirəm.",
}


def test_words_are_read_by_how_they_begin() -> None:
    assert beginnings("kartımızdan") == ["kar", "kart", "kartı", "kartım", "kartımı", "kartımız"]
    assert beginnings("su") == ["su"]
    tokens = beginnings_pairs(["Kartımı itirmişəm, salam."] * 3, ["sığorta"], 20, 64)
    assert tokens.tokenize("KARTIMI sığortalanmış") == ["kartımı", "sığorta", "##l"]
    assert tokens.tokenize("kartmış")[0] == "kart"
    assert tokens.tokenize("zzz") == ["[UNK]"]


def test_a_fitted_model_and_its_network_say_the_same() -> None:
    names = [*SUBJECTS, *SAID]
    wanted = [TEMPLATES[0].format(name) for name in [*names, "insurance", "tourism"]]
    wanted += [word for concept in read_glossary() for word in (*concept.english, *concept.stems)]
    tokens = beginnings_pairs([*SAID.values()] * 5, wanted, 5000, 128)
    texts, noise, rng = [*SAID.values()] * 8, Noise(SAID.values()), np.random.default_rng(0)
    others = read_subjects()[:6]
    fitted = fit(tokens, SUBJECTS, texts, [*SAID] * 8, others, noise, rng)
    model = topics.network(tokens)
    write(model, fitted, tokens.cls_token_id, entailment=0)
    gathered = torch.sparse.mm(shares(ids(tokens, texts[:4]), len(tokens)), fitted.evidence) + fitted.constant
    naming = [fitted.naming[line].sum(0) for line in ids(tokens, [TEMPLATES[0].format(name) for name in names])]
    expected = combined(gathered, fitted.parts) @ torch.stack(naming).t()
    pairs = [(text, TEMPLATES[0].format(name)) for text in texts[:4] for name in names]
    batch = tokens([a for a, _ in pairs], [b for _, b in pairs], padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits = model(**batch).logits[:, 0].view(4, len(names))
    assert torch.allclose(logits, expected, atol=0.25)
    assert (logits[:, 2:].argmax(1) == torch.arange(4)).all()
    assert (logits[:, :2].argmax(1) == torch.tensor([0, 0, 1, 1])).all()


def test_a_network_without_room_is_refused() -> None:
    tokens = beginnings_pairs([*SAID.values()], ["sığorta"], 50, 64)
    many = 400
    fitted = LogLinear(torch.ones(len(tokens), many), torch.ones(len(tokens), many), torch.zeros(many), [])
    with pytest.raises(ValueError, match="need a state"):
        write(topics.network(tokens), fitted, tokens.cls_token_id, entailment=0)


def test_what_is_measured_as_unseen_was_not_learned() -> None:
    learned = {name for subject in read_subjects() for name in subject.names} | set(PARAPHRASES)
    tuned, measured = read_unseen("tuned"), read_unseen("measured")
    assert not {call.topic for call in (*tuned, *measured)} & learned
    assert not {call.topic for call in tuned} & {call.topic for call in measured}
    said = {line for subject in read_subjects() for line in subject.lines}
    assert not said & {turn.text for call in (*tuned, *measured) for turn in call.turns}


def test_a_glossary_that_breaks_its_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("insurance sığorta\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no '='"):
        read_glossary(path)
    with pytest.raises(ValueError, match="before the first"):
        read_subjects(path)
