"""The closed vocabulary of animate prompts and its tokenizer.

12 tokens of int64: 0 pads, 1 stands for a word the model does not know. Words
are lower-cased runs of letters; when a prompt has more than 12, the unknown
ones are dropped first, then the tail.
"""

import json
import re
from pathlib import Path

from looks.mood import MODIFIERS, PALETTES, WEATHERS

LENGTH, PAD, UNKNOWN = 12, 0, 1
LOOKS = ("watercolour", "oil", "ink", "halftone", "pixel", "neon", "thermal", "sketch", "mosaic",
         "synthwave", "blueprint", "comic", "poster", "hologram", "bronze", "papercut")
GROUPS = {"look": list(LOOKS), "palette": list(PALETTES), "weather": list(WEATHERS), "modifiers": list(MODIFIERS)}
WORDS = {word: 2 + i for i, word in enumerate(w for group in GROUPS.values() for w in group)}
SYNONYMS = {
    "watercolor": "watercolour", "aquarelle": "watercolour", "gouache": "watercolour",
    "painting": "oil", "painted": "oil", "impasto": "oil", "brushstrokes": "oil",
    "inked": "ink", "manga": "ink", "sumi": "ink",
    "newspaper": "halftone", "newsprint": "halftone", "dots": "halftone",
    "pixels": "pixel", "pixelated": "pixel", "retro": "pixel", "arcade": "pixel",
    "glowing": "neon", "cyberpunk": "neon", "infrared": "thermal", "heat": "thermal", "heatmap": "thermal",
    "pencil": "sketch", "drawing": "sketch", "charcoal": "sketch", "hatching": "sketch",
    "stained": "mosaic", "glass": "mosaic", "tiles": "mosaic",
    "vaporwave": "synthwave", "outrun": "synthwave", "vhs": "synthwave",
    "technical": "blueprint", "schematic": "blueprint", "cyanotype": "blueprint",
    "cartoon": "comic", "comics": "comic", "pop": "comic", "screenprint": "poster", "stencil": "poster",
    "holographic": "hologram", "projection": "hologram", "statue": "bronze", "sculpture": "bronze", "relief": "bronze",
    "collage": "papercut", "paper": "papercut", "lantern": "papercut",
    "gold": "golden", "amber": "golden", "turquoise": "teal", "cyan": "teal", "red": "crimson", "scarlet": "crimson",
    "purple": "violet", "lavender": "violet", "mono": "monochrome", "grey": "monochrome", "gray": "monochrome", "noir": "monochrome",
    "sunset": "dusk", "twilight": "dusk", "green": "forest", "emerald": "forest", "blue": "ice", "frozen": "ice",
    "pink": "candy", "bubblegum": "candy", "vintage": "sepia", "brown": "sepia",
    "snowy": "snow", "snowfall": "snow", "winter": "snow", "rainy": "rain", "storm": "rain", "drizzle": "rain",
    "foggy": "fog", "mist": "fog", "misty": "fog", "haze": "fog", "midnight": "night", "moonlight": "night", "starry": "night",
    "sunny": "clear", "sun": "clear", "sunlight": "clear", "fire": "embers", "sparks": "embers", "fireflies": "embers",
    "colourful": "vivid", "colorful": "vivid", "saturated": "vivid", "faded": "pale", "pastel": "pale", "muted": "pale",
    "darker": "dark", "moody": "dark", "brighter": "bright", "light": "bright", "warmer": "warm", "cooler": "cool", "cold": "cool",
    "grain": "grainy", "noisy": "grainy", "film": "grainy", "dreamy": "soft", "blurry": "soft", "gentle": "soft",
}


# Taught, but recognised on fewer than 80 % of held-out pictures in one step (see the card):
# they keep their ids for the next training and are not offered to anyone.
WITHDRAWN = ("watercolour", "oil", "papercut")


def offered():
    """The words and synonyms that the shipped vocabulary has."""
    words = {word: i for word, i in WORDS.items() if word not in WITHDRAWN}
    synonyms = {word: meant for word, meant in SYNONYMS.items() if meant not in WITHDRAWN}
    groups = {name: [word for word in group if word not in WITHDRAWN] for name, group in GROUPS.items()}
    return words, synonyms, groups


def tokenize(prompt):
    """A prompt as 12 token ids."""
    found = re.findall(r"[a-z]+", prompt.lower())
    ids = [WORDS.get(SYNONYMS.get(word, word), UNKNOWN) for word in found]
    if len(ids) > LENGTH:
        ids = [i for i in ids if i != UNKNOWN]
    return (ids + [PAD] * LENGTH)[:LENGTH]


def write(path):
    """Write vocabulary.json as the contract describes it."""
    words, synonyms, groups = offered()
    table = {"length": LENGTH, "pad": PAD, "unknown": UNKNOWN, "words": words, "synonyms": synonyms, "groups": groups}
    Path(path).write_text(json.dumps(table, indent=1) + "\n")
