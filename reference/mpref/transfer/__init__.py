"""What travels between processes: messages, descriptors, and objects for a child that is being started."""
