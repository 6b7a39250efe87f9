"""A CLIP tokenizer of a few merges, in the files of the public one, and an encoder of its own to check it by."""

import json
import re
import unicodedata

from public.kit import ROOT, write_json

START, END, LENGTH = "<|startoftext|>", "<|endoftext|>", 77
MERGES = """t h|th e</w>|c a|ca t</w>|o n</w>|a n|an d</w>|s n|o w</w>|sn ow</w>|i n|in k</w>|n e|ne on</w>|h o|u s|us e</w>
ho use</w>|i n</w>|w a|e r|t er|wa ter|c o|l o|co lo|u r</w>|colo ur</w>|water colour</w>|s t|st o|sto r|stor m</w>|' s</w>"""
PATTERN = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")
CASES = ["a cat", "The  CAT's house!", "watercolour snow, neon ink", "storm 2024", "the_cat on\tthe house", "caf\u00e9 \u2744",
         "", "a cat in the snow, watercolour", "cat " * 90]


def byte_letters():
    """The letter that stands for each byte: itself where it can be seen, else one from 256 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in seen]
    order = seen + hidden
    return {byte: chr(byte if byte in seen else 256 + hidden.index(byte)) for byte in order}


class Tokenizer:
    """Byte-pair encoding with an end mark on the last letter of each word."""

    def __init__(self):
        self.letters = byte_letters()
        self.merges = [tuple(pair.split()) for pair in re.split(r"[|\n]", MERGES)]
        alphabet = list(self.letters.values())
        words = alphabet + [letter + "</w>" for letter in alphabet] + ["".join(pair) for pair in self.merges] + [START, END]
        self.ids = {word: n for n, word in enumerate(words)}
        self.size = len(words)
        assert len(self.ids) == self.size and self.ids["!"] == 0

    def word(self, text):
        """Pieces of one word: the earliest merge of the list first, until none is left."""
        parts = [self.letters[byte] for byte in text.encode()]
        parts[-1] += "</w>"
        while True:
            ranks = [self.merges.index(pair) for pair in zip(parts, parts[1:]) if pair in self.merges]
            if not ranks:
                return parts
            pair, merged, n = self.merges[min(ranks)], [], 0
            while n < len(parts):
                both = tuple(parts[n:n + 2]) == pair
                merged.append("".join(pair) if both else parts[n])
                n += 2 if both else 1
            parts = merged

    def encode(self, text):
        """Ids without padding: start, at most 75, end."""
        clean = " ".join(unicodedata.normalize("NFC", text).lower().split())
        found = [self.ids[piece] for part in PATTERN.findall(clean)
                 for piece in ([part] if part in (START, END) else self.word(part))]
        return [self.ids[START], *found[:LENGTH - 2], self.ids[END]]

    def padded(self, text, pad):
        """77 ids."""
        ids = self.encode(text)
        return ids + [self.ids[pad]] * (LENGTH - len(ids))

    def write(self, folder, pad):
        """vocab.json, merges.txt, tokenizer_config.json, special_tokens_map.json."""
        write_json(folder / "vocab.json", self.ids)
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges), encoding="utf-8")
        special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad}
        write_json(folder / "special_tokens_map.json", special)
        write_json(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True,
                                                      "add_prefix_space": False, "errors": "replace", **special})

    def write_cases(self):
        """Golden ids, without padding."""
        path = ROOT / "tokenizer-golden.json"
        cases = [{"text": text, "ids": self.encode(text)} for text in CASES]
        path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")
