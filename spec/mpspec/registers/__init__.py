"""What is kept by hand or by a tool about the whole page: one module, or one table, for each register."""
