"""What callers send: the bodies and queries of the operations, as types that refuse what does not fit."""
