"""What can be done with a town: one module for each noun, called by every surface."""
