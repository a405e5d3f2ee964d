"""The server: gunicorn inside our own process, with the time limits that it lacks."""
