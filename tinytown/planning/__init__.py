"""From issues, documents and a manifest to the plan of a mission: pure, nothing here reads or writes."""
