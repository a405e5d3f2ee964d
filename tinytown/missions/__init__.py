"""What decides about missions: pure, nothing here reads or writes."""
