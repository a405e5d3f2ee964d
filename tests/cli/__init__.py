"""The command line: parsing, errors, output."""
