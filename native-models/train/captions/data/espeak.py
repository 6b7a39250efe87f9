"""espeak-ng through its C library: many voices and the exact times of words and phonemes.

Needs libespeak-ng (Debian: libespeak-ng1, espeak-ng-data).
"""

import ctypes
from pathlib import Path

import numpy as np

from captions.data.speech import Speech, stretched, to_rate

ACCENTS = ("en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-029", "en-us-nyc", "en-gb-x-gbclan")
HELD_OUT_ACCENT = "en-gb-x-gbcwmd"
WEIGHTS = (0.3, 0.16, 0.14, 0.1, 0.08, 0.12, 0.1)
# Whispers, robots and effects: no voice that anybody captions.
UNWANTED = {"whisper", "whisperf", "croak", "Demonic", "UniRobot", "anikaRobot", "fast", "Storm", "Tweaky", "AnxiousAndy", "announcer",
            *(f"robosoft{n}" for n in ("", 2, 3, 4, 5, 6, 7, 8)), *(f"klatt{n}" for n in (3, 4, 5, 6))}
RETRIEVE, PHONEME_EVENTS, UTF8 = 2, 1, 1
RATE_WPM, VOLUME, PITCH, RANGE = 1, 2, 3, 4
LIST_END, WORD, PHONEME = 0, 1, 7


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("position", ctypes.c_int), ("length", ctypes.c_int),
                ("milliseconds", ctypes.c_int), ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", _Id)]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """One synthesiser in this process."""

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(RETRIEVE, 0, None, PHONEME_EVENTS)
        if self.rate <= 0:
            raise RuntimeError("espeak-ng did not start. Install espeak-ng-data.")
        self.pieces, self.events = [], []
        self._callback = _CALLBACK(self._receive)
        self.library.espeak_SetSynthCallback(self._callback)
        self.library.espeak_Info.restype = ctypes.c_char_p
        place = ctypes.c_char_p()
        self.library.espeak_Info(ctypes.byref(place))
        self.folder = Path(place.value.decode())

    def _receive(self, samples, count, events):
        if samples and count > 0:
            self.pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != LIST_END:
            e = events[index]
            if e.type in (WORD, PHONEME):
                self.events.append((e.type, e.position, e.sample, bytes(e.id.string).decode("utf-8", "ignore") if e.type == PHONEME else ""))
            index += 1
        return 0

    def variants(self):
        """Names of the voice variants that speak; "" is the accent's own voice."""
        names = sorted(p.name for p in (self.folder / "voices" / "!v").iterdir() if p.name not in UNWANTED and " " not in p.name)
        good = [""]
        for name in names:
            made = self.say(f"en-us+{name}", "this is a test", 170, 50, 50)
            if made is not None and np.abs(made.samples).max() > 0.02:
                good.append(name)
        return good

    def say(self, voice, text, rate, pitch, span, shift=1.0):
        """Speech of lower-case words with single spaces, or None where the voice is refused or silent."""
        lib = self.library
        if lib.espeak_SetVoiceByName(voice.rstrip("+").encode()) != 0:
            return None
        for parameter, value in ((RATE_WPM, rate), (VOLUME, 90), (PITCH, pitch), (RANGE, span)):
            lib.espeak_SetParameter(parameter, int(value), 0)
        self.pieces, self.events = [], []
        raw = text.encode()
        if lib.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, UTF8, None, None) != 0 or not self.pieces:
            return None
        samples = np.concatenate(self.pieces)
        speech = _timed(text, self.events, len(samples), self.rate)
        if speech is None or np.abs(samples).max() < 600:
            return None
        speech.samples, factor = to_rate(samples, self.rate, shift)
        return stretched(speech, factor)


def _timed(text, events, count, rate):
    """Word and phone times in seconds of the recording as it came."""
    phones = [(sample / rate, name) for kind, _, sample, name in events if kind == PHONEME]
    if not phones:
        return None
    ends = [t for t, _ in phones[1:]] + [count / rate]
    spans = [(a, b, "pau" if n.startswith("_") else n) for (a, n), b in zip(phones, ends) if b > a]
    starts = {}
    for kind, position, sample, _ in events:
        if kind == WORD:
            starts.setdefault(position - 1, sample / rate)
    last = max((b for a, b, n in spans if n != "pau"), default=count / rate)
    words, at = [], 0
    for word in text.split():
        words.append([starts.get(at), at, at + len(word)])
        at += len(word) + 1
    if words[0][0] is None:
        words[0][0] = spans[0][0]
    out, i = [], 0
    while i < len(words):
        # Some pairs are spoken as one entry ("of the"): their span is shared by letters.
        j = i + 1
        while j < len(words) and words[j][0] is None:
            j += 1
        begin, end = words[i][0], words[j][0] if j < len(words) else last
        pause = [a for a, b, n in spans if n == "pau" and begin < a < end and b >= end - 1e-3]
        end = pause[0] if pause else end
        first, total = words[i][1], words[j - 1][2] - words[i][1]
        out += [(begin + (end - begin) * (a - first) / total, begin + (end - begin) * (b - first) / total) for _, a, b in words[i:j]]
        i = j
    return Speech(None, out, spans)
