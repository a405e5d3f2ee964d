"""The GitHub client, against a stand-in for GitHub that is spoken to over real HTTP."""
