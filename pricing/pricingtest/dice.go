package pricingtest

// Dice is a cheap source of chance: the same seed and case give the same
// throws, so that a failing case of millions is replayed by its number
// (SplitMix64, Steele, Lea and Flood 2014).
type Dice struct{ state uint64 }

// NewDice returns the dice of one case.
func NewDice(seed, number uint64) *Dice {
	d := &Dice{seed*0x9e3779b97f4a7c15 ^ number}
	d.state = d.next() ^ number<<32
	return d
}

func (d *Dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below returns a number from 0 to n−1.
func (d *Dice) Below(n int64) int64 { return int64(d.next() % uint64(n)) }

// OneIn is true once in n throws.
func (d *Dice) OneIn(n int64) bool { return d.Below(n) == 0 }

// Pick returns one of the choices.
func Pick[T any](d *Dice, choices ...T) T { return choices[d.Below(int64(len(choices)))] }
