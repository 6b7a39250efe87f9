"""The closed vocabulary of scene prompts."""

from shared.vocabulary import Vocabulary

LENGTH = 12
GROUPS = {
    "place": ["mountains", "sea", "city", "desert"],
    "time": ["dawn", "day", "dusk", "night"],
    "weather": ["clear", "rain", "snow", "fog"],
    "subject": ["balloon", "bird", "boat", "robot", "lantern"],
    "colour": ["red", "orange", "yellow", "green", "teal", "blue", "violet", "white"],
    "motion": ["still", "drifting", "bobbing", "circling", "fast"],
    "camera": ["steady", "left", "right", "zoom", "shake"],
    "style": ["flat", "sketch", "pixel", "neon"],
}
SYNONYMS = {
    "mountain": "mountains", "hills": "mountains", "peaks": "mountains", "alps": "mountains", "ridge": "mountains",
    "ocean": "sea", "water": "sea", "lake": "sea", "coast": "sea", "beach": "sea", "harbour": "sea", "waves": "sea",
    "town": "city", "skyline": "city", "skyscrapers": "city", "downtown": "city", "street": "city", "buildings": "city",
    "dunes": "desert", "sand": "desert", "sahara": "desert", "canyon": "desert",
    "sunrise": "dawn", "morning": "dawn", "daylight": "day", "noon": "day", "daytime": "day", "afternoon": "day",
    "sunset": "dusk", "twilight": "dusk", "evening": "dusk", "midnight": "night", "starry": "night", "stars": "night", "moonlight": "night",
    "sunny": "clear", "cloudless": "clear", "bright": "clear",
    "rainy": "rain", "storm": "rain", "drizzle": "rain", "shower": "rain",
    "snowy": "snow", "winter": "snow", "blizzard": "snow", "snowfall": "snow",
    "foggy": "fog", "mist": "fog", "misty": "fog", "haze": "fog", "hazy": "fog",
    "balloons": "balloon", "airship": "balloon", "birds": "bird", "gull": "bird", "crow": "bird",
    "ship": "boat", "sailboat": "boat", "sail": "boat", "droid": "robot", "machine": "robot",
    "lanterns": "lantern", "lamp": "lantern", "light": "lantern",
    "crimson": "red", "scarlet": "red", "amber": "orange", "gold": "yellow", "golden": "yellow", "lime": "green", "emerald": "green",
    "cyan": "teal", "turquoise": "teal", "azure": "blue", "purple": "violet", "magenta": "violet", "pink": "violet", "silver": "white", "pale": "white",
    "resting": "still", "hovering": "still", "floating": "drifting", "gliding": "drifting", "bouncing": "bobbing", "swaying": "bobbing",
    "orbiting": "circling", "spinning": "circling", "looping": "circling", "quick": "fast", "racing": "fast", "rushing": "fast", "speeding": "fast",
    "static": "steady", "fixed": "steady", "leftwards": "left", "leftward": "left", "rightwards": "right", "rightward": "right", "panning": "right",
    "zooming": "zoom", "closer": "zoom", "shaky": "shake", "handheld": "shake", "shaking": "shake",
    "poster": "flat", "minimal": "flat", "vector": "flat", "papercut": "flat",
    "pencil": "sketch", "drawing": "sketch", "ink": "sketch", "drawn": "sketch",
    "pixels": "pixel", "pixelated": "pixel", "retro": "pixel", "arcade": "pixel",
    "glowing": "neon", "cyberpunk": "neon", "synthwave": "neon", "electric": "neon",
}

VOCABULARY = Vocabulary(LENGTH, GROUPS, SYNONYMS)
WORDS, tokenize = VOCABULARY.words, VOCABULARY.tokenize
