"""flite through its C library: voices made from recordings of people, with exact times.

Needs libflite1. The utterance's Token, SylStructure and Segment relations say where
every word and phone lies.
"""

import ctypes

import numpy as np

from captions.data.speech import Speech, stretched, to_rate

VOICES = ("awb", "rms", "slt", "kal16")
WEIGHTS = (0.3, 0.3, 0.3, 0.1)


class _Wave(ctypes.Structure):
    _fields_ = [("type", ctypes.c_char_p), ("rate", ctypes.c_int), ("count", ctypes.c_int), ("channels", ctypes.c_int),
                ("samples", ctypes.POINTER(ctypes.c_short))]


class _Voice(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("features", ctypes.c_void_p)]


class Flite:
    """The voices of this process."""

    def __init__(self):
        mode = ctypes.RTLD_GLOBAL
        self.library = ctypes.CDLL("libflite.so.1", mode)
        for name in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            ctypes.CDLL(name, mode)
        self.library.flite_init()
        lib, pointer = self.library, ctypes.c_void_p
        for name in ("utt_relation", "relation_head", "item_next", "item_prev", "item_daughter", "item_as", "flite_synth_text"):
            getattr(lib, name).restype = pointer
        lib.utt_wave.restype = ctypes.POINTER(_Wave)
        lib.item_feat_string.restype = ctypes.c_char_p
        lib.item_feat_float.restype = ctypes.c_float
        self.voices = {}
        for name in VOICES:
            register = getattr(ctypes.CDLL(f"libflite_cmu_us_{name}.so.1", mode), f"register_cmu_us_{name}")
            register.restype = ctypes.POINTER(_Voice)
            self.voices[name] = register(None)

    def _chain(self, item, step="item_next"):
        while item:
            yield item
            item = getattr(self.library, step)(ctypes.c_void_p(item))

    def _below(self, item, relation):
        """Daughters of an item in a relation."""
        lib = self.library
        item = lib.item_as(ctypes.c_void_p(item), relation)
        return list(self._chain(lib.item_daughter(ctypes.c_void_p(item)))) if item else []

    def _end(self, segment):
        return self.library.item_feat_float(ctypes.c_void_p(segment), b"end")

    def _segments(self, utterance):
        lib = self.library
        head = lib.relation_head(ctypes.c_void_p(lib.utt_relation(ctypes.c_void_p(utterance), b"Segment")))
        begin, out = 0.0, []
        for segment in self._chain(head):
            end = self._end(segment)
            out.append((begin, end, lib.item_feat_string(ctypes.c_void_p(segment), b"name").decode()))
            begin = end
        return out

    def _words(self, utterance):
        lib = self.library
        head = lib.relation_head(ctypes.c_void_p(lib.utt_relation(ctypes.c_void_p(utterance), b"Token")))
        out = []
        for token in self._chain(head):
            ends, begin = [], None
            for word in self._below(token, b"Token"):
                for syllable in self._below(word, b"SylStructure"):
                    for segment in self._below(syllable, b"SylStructure"):
                        if begin is None:
                            before = lib.item_prev(ctypes.c_void_p(lib.item_as(ctypes.c_void_p(segment), b"Segment")))
                            begin = self._end(before) if before else 0.0
                        ends.append(self._end(segment))
            out.append((begin, max(ends)) if ends else None)
        return out

    def say(self, voice, text, stretch=1.0, shift=1.0):
        """Speech, or None where the words of the voice are not those of the text."""
        lib, chosen = self.library, self.voices[voice]
        lib.feat_set_float(ctypes.c_void_p(chosen.contents.features), b"duration_stretch", ctypes.c_float(stretch))
        utterance = lib.flite_synth_text(text.encode(), chosen)
        if not utterance:
            return None
        wave = lib.utt_wave(ctypes.c_void_p(utterance)).contents
        samples, rate = np.ctypeslib.as_array(wave.samples, (wave.count,)).copy(), wave.rate
        phones, words = self._segments(utterance), self._words(utterance)
        lib.delete_utterance(ctypes.c_void_p(utterance))
        if len(words) != len(text.split()) or None in words:
            return None
        made, factor = to_rate(samples, rate, shift)
        return stretched(Speech(made, words, [(a, b, n if n == "pau" else f"f:{n}") for a, b, n in phones]), factor)
