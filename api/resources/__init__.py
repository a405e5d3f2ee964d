"""The nouns of the API, a module for each: every handler parses nothing, calls one service, and represents."""
