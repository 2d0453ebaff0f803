package pricing

import (
	"cmp"
	"slices"
)

// VoidLines are charges that somebody has taken back, for good: of each, nothing is
// owed for its price and group in its time any more, by nobody, whoever pays for the
// subscription and whatever closing it falls to, nor for a part of that time. What it
// would give back is not given back either, as nothing is left of it
// (docs/billing-rules.md, Corrections). They are by subscription; those of pooled
// prices, which have none, by account.
type VoidLines map[string][]LineKey

// of names whose charge a key is.
func (k LineKey) of() string { return cmp.Or(k.Subscription, k.Account) }

// Add adds a charge; again changes nothing.
func (v VoidLines) Add(k LineKey) {
	if k.Subscription != "" {
		k.Account = ""
	}
	name := k.of()
	if at, found := slices.BinarySearchFunc(v[name], k, LineKey.Compare); !found {
		v[name] = slices.Insert(v[name], at, k)
	}
}

// Hold reports whether a line charges what is void.
func (v VoidLines) Hold(l *Line) bool {
	k := l.Key()
	return slices.ContainsFunc(v[k.of()], func(void LineKey) bool { return void.holds(k) })
}

func (k LineKey) holds(o LineKey) bool {
	return k.Subscription == o.Subscription && (k.Subscription != "" || k.Account == o.Account) &&
		k.Plan == o.Plan && k.Price == o.Price && k.Grouping == o.Grouping && k.Unit == o.Unit &&
		!o.Start.Before(k.Start) && !o.End.After(k.End) && (o.GivenBack || !k.GivenBack)
}
