package pricing

// WithoutTariffs returns a rater that prices everything the exact way.
func (r *Rater) WithoutTariffs() *Rater {
	exact := *r
	exact.tariffs = nil
	return &exact
}

// Tariffs counts the prices that have one.
func (r *Rater) Tariffs() int { return len(r.tariffs) }
