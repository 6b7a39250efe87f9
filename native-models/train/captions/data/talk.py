"""What people say on a live programme: greetings, thanks, numbers, times, instructions."""

UNITS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
PARTS = {
    "who": ["everyone", "everybody", "guys", "folks", "chat", "my friends", "you all", "ladies and gentlemen", "all of you"],
    "thing": ["stream", "video", "channel", "show", "game", "camera", "microphone", "picture", "sound", "music", "level", "map", "boss",
              "chapter", "scene", "recording", "screen", "link", "question", "chat", "programme", "story", "song", "episode", "round"],
    "verb": ["try", "watch", "open", "start", "stop", "play", "see", "show", "fix", "change", "finish", "check", "move", "use", "share"],
    "adjective": ["good", "great", "nice", "new", "little", "big", "bad", "amazing", "beautiful", "easy", "hard", "funny", "crazy",
                  "interesting", "different", "special", "quick", "wrong", "right", "final"],
    "when": ["today", "tonight", "tomorrow", "now", "later", "next week", "this morning", "this evening", "in a minute", "last night",
             "right now", "in a second", "after the break", "on {day}", "in {month}", "at {unit} o'clock"],
    "reason": ["because it is {adjective}", "if you can", "when we are done", "as you can see", "so let's {verb} the {thing}",
               "and i don't know why", "but i think it's {adjective}", "before we {verb} the {thing}", "i guess", "to be honest"],
    "day": DAYS, "month": MONTHS, "unit": UNITS,
}
PATTERNS = [
    "hello {who} and welcome to the {thing}", "welcome back {who} it's {adjective} to see you", "hi {who} how are you {when}",
    "thank you so much for the {thing}", "thanks for watching {who}", "let's {verb} the {thing} {when}", "i want to {verb} the {thing} {when}",
    "can you {verb} the {thing} for me", "what do you think about the {thing}", "that was a {adjective} {thing} {reason}",
    "we are going to {verb} a {adjective} {thing} {when}", "i think we should {verb} the {thing} {reason}", "don't {verb} the {thing} {reason}",
    "there are {number} people in the {thing}", "we have {number} {thing}s left {when}", "it's {number} minutes past {unit}",
    "the {thing} is {adjective} {reason}", "this is the {adjective} {thing} i have seen {when}", "oh no the {thing} is {adjective}",
    "i'll be back {when} {who}", "see you {when} {who}", "okay so the {thing} is not working {reason}", "let me {verb} the {thing} {reason}",
    "could somebody {verb} the {thing} please", "we will {verb} it on the {ordinal} of {month}", "the score is {number} to {number}",
    "it was the year nineteen {number}", "please {verb} the {thing} and {verb} the {thing}", "is the {thing} {adjective} or {adjective}",
    "ask me what you want {when}", "my {thing} was {adjective} {when}", "and my {adjective} friends this is for you {reason}",
    "he said the {thing} was {adjective}", "she said she would {verb} it {when}", "they had a {adjective} {thing} {reason}",
    "i can't {verb} this {thing} {when}", "you need to {verb} your {thing}", "where is the {thing} {who}", "who wants to {verb} the {thing}",
    "give me a {adjective} {thing}", "wow that's a {adjective} {thing}", "number {number} is a {adjective} {thing}",
]
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth twentieth thirtieth".split()


def number(rng):
    """A number below a few thousand, in words."""
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(UNITS)
    below = rng.choice(TENS) + ("" if rng.random() < 0.3 else " " + rng.choice(UNITS[:9]))
    if pick < 0.75:
        return below
    return f"{rng.choice(UNITS[:9])} {rng.choice(['hundred', 'thousand'])}" + ("" if rng.random() < 0.4 else f" and {below}")


def _fill(text, rng):
    while "{" in text:
        before, rest = text.split("{", 1)
        name, after = rest.split("}", 1)
        value = number(rng) if name == "number" else rng.choice(ORDINALS if name == "ordinal" else PARTS[name])
        text = before + value + after
    return text


def sentences(count, rng):
    """`count` lists of words."""
    return [_fill(rng.choice(PATTERNS), rng).split() for _ in range(count)]
