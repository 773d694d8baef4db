"""How processes are started: a module for each start method, `start` that chooses among them, and what they share."""
