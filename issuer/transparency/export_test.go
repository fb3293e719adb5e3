package transparency

// Place is place, for tests.
func Place(level string, n int64, w int) string { return place(level, n, w) }
