"""Start method 'forkserver': the server, its clients, and what they say to each other."""
