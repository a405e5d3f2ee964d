"""The demonstration: a play with real agents, processes and files, and a worker that is killed."""
