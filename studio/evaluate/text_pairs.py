"""How near texts are to others by the words that they share: BLEU, ROUGE-L and chrF."""

from __future__ import annotations

from collections.abc import Sequence

from studio.evaluate.text_words import words

_COMPARED = 24  # texts that are held against all others for self-BLEU
_AGAINST = 48  # others, at most


def pair_scores(made: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """Return `bleu`, `rouge_l` and `chrf`, 0 … 1, of answers beside the wanted ones.

    BLEU-4 of all pairs together (Papineni et al. 2002), the mean F of ROUGE-L (Lin 2004), and
    chrF of characters (Popović 2015). Words are those of `text_words.words`, so that languages
    without spaces count too.
    """
    import torch
    from torchmetrics.functional.text import bleu_score, chrf_score, rouge_score

    if not made:
        return {}
    spaced = [" ".join(words(text)) for text in made]
    target = [" ".join(words(text)) for text in wanted]
    rouge = rouge_score(
        spaced,
        target,
        rouge_keys="rougeL",
        normalizer=lambda text: text,
        tokenizer=lambda text: text.split(),
    )
    chrf = torch.as_tensor(chrf_score(list(made), [[each] for each in wanted], n_word_order=0))
    return {
        "bleu": float(bleu_score(spaced, [[each] for each in target])),
        "rouge_l": float(rouge["rougeL_fmeasure"]),
        "chrf": float(chrf),
    }


def self_bleu(texts: Sequence[Sequence[str]]) -> float:
    """Return the mean BLEU-4 of each text beside the others (Zhu et al. 2018), 0 … 1.

    High, all texts say the same. Zeros are smoothed (Lin & Och 2004).

    Args:
        texts: Words of each.
    """
    from torchmetrics.functional.text import bleu_score

    spoken = [" ".join(text) for text in texts if len(text) >= 4]
    if len(spoken) < 2:
        return 0.0
    spoken = spoken[:_AGAINST]  # samples come in no order
    scores = [
        float(bleu_score([text], [[*spoken[:place], *spoken[place + 1 :]]], smooth=True))
        for place, text in enumerate(spoken[:_COMPARED])
    ]
    return sum(scores) / len(scores)
