"""A closed vocabulary of prompts and its tokenizer, the twin of the engines' own.

Tokens are int64: 0 pads, 1 stands for a word the model does not know. Words are
lower-cased runs of letters; when a prompt has more than `length`, the unknown ones
are dropped first, then the tail.
"""

import json
import re
from pathlib import Path

PAD, UNKNOWN = 0, 1


class Vocabulary:
    """words: word -> id (from 2 on); synonyms: word -> word; groups: name -> words, for the prompt box."""

    def __init__(self, length, groups, synonyms):
        self.length, self.groups, self.synonyms = length, groups, synonyms
        self.words = {word: 2 + i for i, word in enumerate(w for group in groups.values() for w in group)}

    def tokenize(self, prompt):
        """A prompt as `length` token ids."""
        found = re.findall(r"[a-z]+", prompt.lower())
        ids = [self.words.get(self.synonyms.get(word, word), UNKNOWN) for word in found]
        if len(ids) > self.length:
            ids = [i for i in ids if i != UNKNOWN]
        return (ids + [PAD] * self.length)[:self.length]

    def offered(self, withdrawn=()):
        """(words, synonyms, groups) without the withdrawn words, which keep their ids for the next training."""
        words = {word: i for word, i in self.words.items() if word not in withdrawn}
        synonyms = {word: meant for word, meant in self.synonyms.items() if meant not in withdrawn}
        groups = {name: [word for word in group if word not in withdrawn] for name, group in self.groups.items()}
        return words, synonyms, groups

    def write(self, path, withdrawn=()):
        """Write vocabulary.json as the contracts describe it."""
        words, synonyms, groups = self.offered(withdrawn)
        table = {"length": self.length, "pad": PAD, "unknown": UNKNOWN, "words": words, "synonyms": synonyms, "groups": groups}
        Path(path).write_text(json.dumps(table, indent=1) + "\n")
