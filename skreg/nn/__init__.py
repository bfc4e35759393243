"""The engine: networks and their training, on NumPy and SciPy alone."""
