package usage

// Losing returns an engine that loses the rows for which drop says so.
func Losing(drop func(file string, group, row int64) bool) *Local {
	l := New()
	l.drop = drop
	return l
}

// Ranged returns an engine that fetches no file whole.
func Ranged() *Local {
	l := New()
	l.whole = 0
	return l
}
