"""Wrong: has not one documented name."""
