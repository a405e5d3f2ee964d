"""Pure values and rules: what the things of a town are, and the steps they may take."""
