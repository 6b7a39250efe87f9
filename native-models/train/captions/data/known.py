"""Recordings of people used to measure only: what is said in them."""

HUMAN = {
    "jfk": "and so my fellow americans ask not what your country can do for you ask what you can do for your country",
    "librivox-0870": "and mister john dashwood had then leisure to consider how much there might be prudently in his power to do for them",
    "librivox-0880": "he was not an ill disposed young man",
}
ASIDE = tuple(HUMAN.values())
