"""What decides about missions: the reducer and what it goes by; pure, nothing here reads or writes."""
