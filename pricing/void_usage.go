package pricing

import (
	"cmp"
	"slices"
	"strings"
)

// VoidUsage names usage that somebody has taken back: what a subscription used of a
// meter in a window of time. It is priced nowhere from then on, whatever comes to
// light of the window later: before its month is closed as if it had never been,
// and after as a correction (docs/billing-rules.md, Corrections).
type VoidUsage struct {
	Subscription string
	Meter        string
	From, Until  int64  // of the slots of a meter that keeps them, half-open, Unix microseconds
	Dimensions   string // canonical JSON of those that the usage has, and maybe others; "{}": any
}

// Compare orders by subscription, meter, time and dimensions.
func (v VoidUsage) Compare(o VoidUsage) int {
	return cmp.Or(
		strings.Compare(v.Subscription, o.Subscription), strings.Compare(v.Meter, o.Meter),
		cmp.Compare(v.From, o.From), cmp.Compare(v.Until, o.Until), strings.Compare(v.Dimensions, o.Dimensions),
	)
}

// Check is an error for dimensions that are not a JSON object of texts.
func (v VoidUsage) Check() error {
	_, err := parseDimensions(v.Dimensions)
	return err
}

// holds reports whether the usage of a state is taken back.
func (v VoidUsage) holds(u *UsageState) bool {
	if u.Subscription != v.Subscription || u.Meter != v.Meter || u.Slot == 0 || u.Slot < v.From || u.Slot >= v.Until {
		return false
	}
	want, errWant := parseDimensions(v.Dimensions)
	have, errHave := parseDimensions(u.Dimensions)
	if errWant != nil || errHave != nil {
		return false
	}
	for name, value := range want {
		if have[name] != value {
			return false
		}
	}
	return true
}

// AddVoidUsage adds usage that is taken back; what names no subscription of the
// registry is left out.
func (r *Registry) AddVoidUsage(void []VoidUsage) {
	for _, v := range void {
		if _, known := slices.BinarySearchFunc(r.Subscriptions, v.Subscription, func(s Subscription, id string) int { return strings.Compare(s.ID, id) }); !known {
			continue
		}
		if r.voided == nil {
			r.voided = map[string][]VoidUsage{}
		}
		of := append(r.voided[v.Subscription], v)
		slices.SortFunc(of, VoidUsage.Compare)
		r.voided[v.Subscription] = slices.Compact(of)
	}
}

// isVoid reports whether a row of usage is taken back.
func (r *Registry) isVoid(u *UsageState) bool {
	return slices.ContainsFunc(r.voided[u.Subscription], func(v VoidUsage) bool { return v.holds(u) })
}

// leaveOut makes usage that is taken back no usage of its subscription. The rows
// stay: each of them is still accounted for.
func (x *usageIndex) leaveOut(void []VoidUsage) {
	for _, v := range void {
		key := meterKey{v.Subscription, v.Meter}
		if slices.ContainsFunc(x.of[key], func(u UsageState) bool { return v.holds(&u) }) {
			x.of[key] = slices.DeleteFunc(slices.Clone(x.of[key]), func(u UsageState) bool { return v.holds(&u) })
		}
	}
}
