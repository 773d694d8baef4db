"""An implementation in the place of `multiprocessing`: beside this lies what interpreters run at their start."""
