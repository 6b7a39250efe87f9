"""Sentences to speak: plain English out of installed packages, cut and cleaned.

Every file below the given folders is read by its kind: games keep their dialogues in
Lua, WML or data files, WordNet its glosses, the others are prose in HTML, Markdown or
plain text. Nothing of the texts is shipped.
"""

import gzip
import hashlib
import html
import random
import re
from collections import Counter
from pathlib import Path

from captions.data import talk

COMMON = 14000  # distinct words kept
SHORTEST, LONGEST = 3, 12
HELD_OUT = 1600

CLAUSE = re.compile(r"[.!?;:,()\[\]{}\"“”—–|*_=<>/\\]+|--+|\.\.\.|…|\n\s*\n|\s-\s")
WORD = re.compile(r"^[a-z]+(?:'[a-z]+)*$")
ALONE = {"a", "i", "o"}


def _quoted(pattern):
    return lambda text: "\n\n".join(" ".join(m) if isinstance(m, tuple) else m for m in re.findall(pattern, text, re.S))


def _markup(text):
    text = re.sub(r"(?s)<(script|style|pre|code|screen)\b.*?</\1>", "\n\n", text)
    text = re.sub(r"(?i)</?(p|div|li|h\d|td|tr|title|section|note|item|br)\b[^>]*>", "\n\n", text)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def _wordnet(text):
    return "\n\n".join(line.split("| ", 1)[1] for line in text.splitlines() if "| " in line)


def _kind(path):
    """How to read a file, or None."""
    name, text = path.name, str(path)
    if "/wordnet/" in text:
        return _wordnet if name.startswith("data.") else None
    if "/fortunes/" in text:
        return (lambda t: t.replace("\n%\n", "\n\n")) if "." not in name and "ascii" not in name else None
    if "endless-sky/data" in text:
        return _quoted(r"`([^`]{12,})`")
    if path.suffix == ".cfg" and "wesnoth" in text:
        return _quoted(r"_ *\"((?:[^\"]|\"\")*)\"")
    if path.suffix in (".lua", ".xml", ".dialog", ".droids") and ("naev" in text or "freedroid" in text or "fillets" in text):
        return _quoted(r"_?\(?\[\[(.{12,}?)\]\]|\"((?:[^\"\\]|\\.){16,})\"|>([^<]{24,})<")
    if path.suffix in (".html", ".page", ".xhtml"):
        return _markup
    if path.suffix in (".md", ".markdown") or name in ("jargon.txt.gz",):
        return lambda t: t
    return None


def _read(path):
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return data[:4_000_000].decode("utf-8", "ignore")


def clauses(text):
    """Lists of clean words between punctuation; a clause with a digit or an odd word is dropped."""
    text = text.replace("\\n", " ").replace("’", "'").replace("‘", "'").replace("\\\"", " \" ")
    for clause in CLAUSE.split(text):
        words = [w.strip("'") for w in clause.lower().split()]
        if len(words) >= SHORTEST and all(WORD.match(w) and (len(w) > 1 or w in ALONE) for w in words):
            yield words


def _cut(words):
    """Pieces of 3 to 12 words of a clause, always the same ones."""
    rng = random.Random(" ".join(words))
    while len(words) > LONGEST:
        size = rng.randint(5, min(LONGEST, len(words) - SHORTEST))
        yield words[:size]
        words = words[size:]
    yield words


def grams(words, n=5):
    """All runs of n words."""
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


def _place(line):
    """A sentence's place in the order of sentences: its own hash, so that other texts beside it do not move it."""
    return hashlib.blake2b(" ".join(line).encode(), digest_size=8).digest()


def collect(folders, aside=()):
    """{"train": […], "test": […], "words": [[word, count], …]} of distinct sentences.

    folders: where the packages' files lie; aside: sentences used to measure, of which
    no run of five words may be taught. Test sentences share none with training either.
    """
    rng, counts, found = random.Random(5), Counter(), []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if not path.is_file() or path.is_symlink() or (kind := _kind(path)) is None or "/help/" in str(path) and "/help/C/" not in str(path):
                continue
            for words in clauses(kind(_read(path))):
                counts.update(words)
                found.append(words)
    for words in talk.sentences(24000, rng):
        counts.update(words)
        found.append(words)
    known = {w for w, c in counts.most_common(COMMON) if c >= 3}
    whole = {tuple(part) for words in found for part in _cut(words) if len(part) >= SHORTEST and known.issuperset(part)}
    lines = sorted(whole, key=_place)
    held = [line for line in lines if 5 <= len(line) <= LONGEST][:HELD_OUT]
    forbidden = set().union(*(grams(line) for line in held), *(grams(line.split()) for line in aside))
    forbidden_whole = set(held)
    train = [line for line in lines if line not in forbidden_whole and not grams(line) & forbidden]
    return {"train": [" ".join(line) for line in train], "test": [" ".join(line) for line in held],
            "words": [[w, c] for w, c in counts.most_common(COMMON) if c >= 3]}
