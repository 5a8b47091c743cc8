"""A category under many media: what each of them causes, by taking it away."""
