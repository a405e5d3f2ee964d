"""The commands of `tt`, a module for each noun."""
