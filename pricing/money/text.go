package money

// MarshalText writes the shortest exact decimal text.
func (a Amount) MarshalText() ([]byte, error) { return a.d.appendText(nil), nil }

// MarshalText writes the shortest exact decimal text.
func (q Quantity) MarshalText() ([]byte, error) { return q.d.appendText(nil), nil }

// UnmarshalText is ParseAmount.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAmount(string(text))
	return err
}

// UnmarshalText is ParseQuantity.
func (q *Quantity) UnmarshalText(text []byte) (err error) {
	*q, err = ParseQuantity(string(text))
	return err
}
