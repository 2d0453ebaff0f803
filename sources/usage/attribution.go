package usage

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"daybook/pricing"
)

// attribution is a pricing.Attribution as the hot path needs it: numbers instead
// of texts, in an order that is also the order of the output.
type attribution struct {
	keys          []string // attribution keys with entries, sorted
	first         []uint32 // key k has entries[first[k]:first[k+1]]
	entries       []hold   // by key, then start
	whose         []whose  // by entry
	always        []uint32 // by key: the one entry, + 1, that holds on all days of the pass; else 0
	subscriptions keyed    // by subscription id
	accounts      keyed    // by account id
	holders       []holder // sorted by account, then subscription
	accountOf     []uint32 // by holder: its account's number, ascending with the accounts' ids
}

// keyed finds keys by what they name. Keys of one kind follow one another, so
// their numbers count on from the first one's.
type keyed struct {
	names        *words // of the keys; what is numbered after them is no key's
	first, count uint32
}

func (k *keyed) add(name string, key uint32) {
	if k.count == 0 {
		k.first = key
	}
	k.names.number([]byte(name))
	k.count++
}

// key returns the key of the name of that number, which may be unknown.
func (k *keyed) key(name uint32) uint32 {
	if name >= k.count {
		return unknown
	}
	return k.first + name
}

// find returns the key of a name, or unknown.
func (k *keyed) find(name []byte) uint32 { return k.key(k.names.find(name)) }

// hold is a pricing.AttributionEntry in numbers. Of an event's time and key it
// is a function, and its number tells the key: two events of one time have
// equal entries exactly when they have equal keys.
type hold struct {
	start, end int64
	key        uint32
}

// whose is what an event is aggregated by.
type whose struct{ holder, zone uint32 }

// holder is an account and one of its subscriptions, which have numbers in any
// order.
type holder struct {
	account, subscription string
	number                uint32 // of the subscription
}

func (h holder) compare(o holder) int {
	return cmp.Or(strings.Compare(h.account, o.account), strings.Compare(h.subscription, o.subscription))
}

// newAttribution indexes a. Keys without entries are absent keys.
func newAttribution(a pricing.Attribution, z *zones) (*attribution, error) {
	accounts := sort.Search(len(a.Keys), func(i int) bool { return a.Keys[i].Key >= pricing.SubscriptionKey("") })
	total := 0
	for i := range a.Keys {
		total += len(a.Keys[i].Entries)
	}
	r := &attribution{
		accounts: keyed{names: newWords(accounts)}, subscriptions: keyed{names: newWords(len(a.Keys) - accounts)},
		keys: make([]string, 0, len(a.Keys)), first: make([]uint32, 0, len(a.Keys)+1), always: make([]uint32, 0, len(a.Keys)),
		entries: make([]hold, 0, total), whose: make([]whose, 0, total),
	}
	named := make([]*pricing.AttributionEntry, 0, total) // by entry
	var zone uint32
	var zoneName string
	for i := range a.Keys {
		key, entries := a.Keys[i].Key, a.Keys[i].Entries
		if i > 0 && a.Keys[i-1].Key >= key {
			return nil, fmt.Errorf("attribute usage: key %q does not stand in order", key)
		}
		if len(entries) == 0 {
			continue
		}
		k := uint32(len(r.keys))
		if name, ok := strings.CutPrefix(key, pricing.SubscriptionKey("")); ok {
			r.subscriptions.add(name, k)
		} else if name, ok := strings.CutPrefix(key, pricing.AccountKey("")); ok {
			r.accounts.add(name, k)
		} else {
			continue
		}
		r.keys = append(r.keys, key)
		r.first = append(r.first, uint32(len(r.entries)))
		for n := range entries {
			e := &entries[n]
			if zoneName != e.Zone || len(r.whose) == 0 {
				var err error
				if zone, err = z.add(e.Zone); err != nil {
					return nil, fmt.Errorf("attribute usage: account %q: %w", e.Account, err)
				}
				zoneName = e.Zone
			}
			r.entries = append(r.entries, hold{start: e.Start, end: e.End, key: k})
			r.whose = append(r.whose, whose{zone: zone})
			named = append(named, e)
		}
		r.always = append(r.always, 0)
		if e := &entries[0]; len(entries) == 1 && e.Start <= int64(z.first)*microsPerDay && e.End >= int64(z.first.AddDays(z.days))*microsPerDay {
			r.always[k] = uint32(len(r.entries))
		}
	}
	r.first = append(r.first, uint32(len(r.entries)))
	r.findHolders(named)
	return r, nil
}

// findHolders lists the holders of the entries, sorted, numbers their accounts and
// subscriptions, and tells whose each entry is.
func (r *attribution) findHolders(named []*pricing.AttributionEntry) {
	names := r.subscriptions.names
	numbers := make([]uint32, len(named)) // by entry: its subscription
	first := make([]uint32, names.len())  // by subscription: its first holder, + 1
	r.holders = make([]holder, 0, names.len())
	next := 0 // mostly they come in the order of their keys
	for i, e := range named {
		if next < names.len() && string(names.text(uint32(next))) == e.Subscription {
			numbers[i] = uint32(next)
		} else {
			numbers[i] = names.number([]byte(e.Subscription))
		}
		s := numbers[i]
		if next = int(s) + 1; next > len(first) {
			first = append(first, 0)
		}
		if at := first[s]; at > 0 && r.holders[at-1].account == e.Account {
			continue // the registry names each by its account and by itself
		}
		r.holders = append(r.holders, holder{e.Account, e.Subscription, s})
		first[s] = uint32(len(r.holders))
	}
	if !slices.IsSortedFunc(r.holders, holder.compare) {
		slices.SortFunc(r.holders, holder.compare)
	}
	r.holders = slices.Compact(r.holders)
	for n := len(r.holders) - 1; n >= 0; n-- {
		first[r.holders[n].number] = uint32(n)
	}
	for i, e := range named {
		n := int(first[numbers[i]])
		if r.holders[n].account != e.Account {
			n, _ = slices.BinarySearchFunc(r.holders, holder{e.Account, e.Subscription, numbers[i]}, holder.compare)
		}
		r.whose[i].holder = uint32(n)
	}
	r.accountOf = make([]uint32, len(r.holders))
	for n := 1; n < len(r.holders); n++ {
		if r.accountOf[n] = r.accountOf[n-1]; r.holders[n].account != r.holders[n-1].account {
			r.accountOf[n]++
		}
	}
}

// at returns the entry of a key that holds at t. The reason is "" or why there
// is not exactly one.
func (r *attribution) at(key uint32, t int64) (entry uint32, reason Reason) {
	lo, hi := r.first[key], r.first[key+1]
	if hi-lo == 1 {
		if e := &r.entries[lo]; e.start <= t && t < e.end {
			return lo, ""
		}
		return 0, OutsideSubscription
	}
	if hi-lo > 8 { // entries are sorted by start: none after t can hold
		later := sort.Search(int(hi-lo), func(i int) bool { return r.entries[lo+uint32(i)].start > t })
		hi = lo + uint32(later)
	}
	found := 0
	for i := lo; i < hi; i++ {
		if e := &r.entries[i]; e.start <= t && t < e.end {
			entry = i
			found++
		}
	}
	switch found {
	case 0:
		return 0, OutsideSubscription
	case 1:
		return entry, ""
	default:
		return 0, AmbiguousSubscription
	}
}
