"""The parts of the chapter queues. Imports nothing: a spawned child comes by here to reach its target."""
