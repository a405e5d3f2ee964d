"""What happens to every request and answer, a class for each concern."""
