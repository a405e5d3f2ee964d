"""Who is calling: keys, tokens, and what is remembered of them."""
