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

	// By holder: its account's number, ascending with the accounts' ids, and its
	// subscription's, in any order.
	accountOf, subscriptionOf []uint32
}

// keyed finds keys by what they name. Keys of one kind follow one another, so
// their numbers count on from the first one's.
type keyed struct {
	names *words
	first uint32
}

func (k *keyed) add(name string, key uint32) {
	if k.names.len() == 0 {
		k.first = key
	}
	k.names.number([]byte(name))
}

// find returns the key of a name, or unknown.
func (k *keyed) find(name []byte) uint32 {
	n := k.names.find(name)
	if n == unknown {
		return unknown
	}
	return k.first + n
}

// hold is a pricing.AttributionEntry in numbers. Of an event's time and key it
// is a function, and its number tells the key: two events of one time have
// equal entries exactly when they have equal keys.
type hold struct {
	start, end int64
	key        uint32
}

// whose is what an event is aggregated by.
type whose struct{ holder, zone uint32 }

// holder is an account and one of its subscriptions.
type holder struct{ account, subscription string }

func (h holder) compare(o holder) int {
	return cmp.Or(strings.Compare(h.account, o.account), strings.Compare(h.subscription, o.subscription))
}

// newAttribution indexes a. Keys without entries are absent keys.
func newAttribution(a pricing.Attribution, z *zones) (*attribution, error) {
	r := &attribution{
		subscriptions: keyed{names: newWords(len(a.Keys))}, accounts: keyed{names: newWords(0)},
		keys: make([]string, 0, len(a.Keys)), first: make([]uint32, 0, len(a.Keys)+1), always: make([]uint32, 0, len(a.Keys)),
	}
	index := r.numberHolders(a)
	total := 0
	for i := range a.Keys {
		total += len(a.Keys[i].Entries)
	}
	r.entries, r.whose = make([]hold, 0, total), make([]whose, 0, total)
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
		switch {
		case strings.HasPrefix(key, pricing.SubscriptionKey("")):
			r.subscriptions.add(strings.TrimPrefix(key, pricing.SubscriptionKey("")), k)
		case strings.HasPrefix(key, pricing.AccountKey("")):
			r.accounts.add(strings.TrimPrefix(key, pricing.AccountKey("")), k)
		default:
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
			r.whose = append(r.whose, whose{index.find(r, e), zone})
		}
		r.always = append(r.always, 0)
		if e := &entries[0]; len(entries) == 1 && e.Start <= int64(z.first)*microsPerDay && e.End >= int64(z.first.AddDays(z.days))*microsPerDay {
			r.always[k] = uint32(len(r.entries))
		}
	}
	r.first = append(r.first, uint32(len(r.entries)))
	return r, nil
}

// holderIndex finds holders by their subscriptions, which mostly have one.
type holderIndex struct {
	subscriptions *words
	first         []uint32 // by subscription: its first holder
}

func (p *holderIndex) find(r *attribution, e *pricing.AttributionEntry) uint32 {
	first := p.first[p.subscriptions.find([]byte(e.Subscription))]
	if r.holders[first].account == e.Account {
		return first
	}
	n, _ := slices.BinarySearchFunc(r.holders, holder{e.Account, e.Subscription}, holder.compare)
	return uint32(n)
}

// numberHolders lists the holders of all entries, sorted, and numbers their
// accounts and subscriptions.
func (r *attribution) numberHolders(a pricing.Attribution) *holderIndex {
	p := &holderIndex{subscriptions: newWords(len(a.Keys)), first: make([]uint32, 0, len(a.Keys))}
	r.holders = make([]holder, 0, len(a.Keys))
	for i := range a.Keys {
		for n := range a.Keys[i].Entries {
			e := &a.Keys[i].Entries[n]
			s := p.subscriptions.number([]byte(e.Subscription))
			if int(s) < len(p.first) && r.holders[p.first[s]].account == e.Account {
				continue // the registry names each by its account and by itself
			}
			if int(s) == len(p.first) {
				p.first = append(p.first, uint32(len(r.holders)))
			}
			r.holders = append(r.holders, holder{e.Account, e.Subscription})
		}
	}
	if !slices.IsSortedFunc(r.holders, holder.compare) {
		slices.SortFunc(r.holders, holder.compare)
	}
	r.holders = slices.Compact(r.holders)
	r.accountOf, r.subscriptionOf = make([]uint32, len(r.holders)), make([]uint32, len(r.holders))
	for n := len(r.holders) - 1; n >= 0; n-- {
		s := p.subscriptions.find([]byte(r.holders[n].subscription))
		p.first[s], r.subscriptionOf[n] = uint32(n), s
		if n > 0 && r.holders[n].account != r.holders[n-1].account {
			r.accountOf[n] = 1
		}
	}
	for n := range r.accountOf[min(1, len(r.accountOf)):] {
		r.accountOf[n+1] += r.accountOf[n]
	}
	return p
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
