"""How missions go, in rehearsals and in tables."""
