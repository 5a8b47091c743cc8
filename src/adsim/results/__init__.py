"""Results: the column registry, tidy tables, paired comparisons, result folders, terminals."""
