"""Dialogues as pairs: what was said before, and the answer to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

#: Goes between the turns of what was said before.
TURN = "\n"

_TURNS_BEFORE = 8  # turns that an answer is given to, the newest ones
_TURN_WORDS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns", "chat")
_ROLE_WORDS = ("role", "from", "speaker", "author", "name")
_SAID_WORDS = ("content", "value", "text", "utterance", "message")
_ANSWERING = frozenset({"assistant", "gpt", "bot", "model", "chatbot", "ai", "system_response"})
_LEADING = frozenset({"system", "developer", "tool"})

# A line of a play or a chat: a name, a colon, and what was said, on the same line or below it.
_NAMED = re.compile(r"^([^\W\d_][\w .'’-]{0,30}?)\s*[:：][ \t]*(.*)$")


class Turn(NamedTuple):
    """What somebody said; `who` is empty where that is not known."""

    who: str
    said: str


def is_dialogue(value: Any) -> list[Turn] | None:
    """Return the turns of a JSON value that is a dialogue or holds one; else None."""
    if isinstance(value, dict):
        for word in _TURN_WORDS:
            if isinstance(value.get(word), list):
                return is_dialogue(value[word])
        return None
    if not isinstance(value, list) or len(value) < 2:
        return None
    turns = []
    for each in value:
        if not isinstance(each, dict):
            return None
        said = next((each[word] for word in _SAID_WORDS if isinstance(each.get(word), str)), None)
        if said is None:
            return None
        who = next((each[word] for word in _ROLE_WORDS if isinstance(each.get(word), str)), "")
        turns.append(Turn(who.strip().lower(), said.strip()))
    return turns


def dialogue_pairs(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return what was said before each answer, and the answer.

    Answers are what an assistant says; where there is none, every turn answers those before it.
    """
    turns = [turn for turn in turns if turn.said and turn.who not in _LEADING]
    anyone = not any(turn.who in _ANSWERING for turn in turns)
    pairs = []
    for index in range(1, len(turns)):
        if anyone or turns[index].who in _ANSWERING:
            before = turns[max(0, index - _TURNS_BEFORE) : index]
            pairs.append((TURN.join(turn.said for turn in before), turns[index].said))
    return pairs


def written_dialogue(text: str) -> list[list[Turn]]:
    """Return the dialogues in a text, each as its turns.

    Turns are lines that begin with a name and a colon, as in a play or a chat; where there are
    none, blocks with blank lines between them are dialogues and their lines are turns, or, where
    blocks have one line each, all of them are turns of one dialogue.
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    named = [turn for block in blocks for turn in _named_turns(block)]
    if len(named) >= 2 and 2 * len({turn.who for turn in named}) <= len(named) + 2:
        return [named] if all(turn.who for turn in named) else []
    several = [[Turn("", line.strip()) for line in block.split("\n")] for block in blocks]
    if sum(len(turns) > 1 for turns in several) > len(several) / 2:
        return [turns for turns in several if len(turns) > 1]
    if len(blocks) >= 2 and all("\n" not in block for block in blocks):
        return [[Turn("", block) for block in blocks]]
    lines = [line.strip() for block in blocks for line in block.split("\n")]
    return [[Turn("", line) for line in lines]] if len(lines) >= 2 else []


def _named_turns(block: str) -> list[Turn]:
    """Return the turns of a block of lines with names; what has no name goes on with the last."""
    turns: list[Turn] = []
    for line in block.split("\n"):
        found = _NAMED.match(line)
        if found:
            turns.append(Turn(found.group(1).strip().lower(), found.group(2).strip()))
        elif turns:
            last = turns[-1]
            turns[-1] = Turn(last.who, f"{last.said}\n{line.strip()}".strip())
        else:
            return []
    return turns
