package usagetest

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sources/usage"
)

// world is usage, registry and meters, small enough to reason about.
type world struct {
	days        []pricing.Date
	files       []worldFile
	meters      []pricing.Meter
	attribution pricing.Attribution
	noIDs       bool // rows are mapped to have none
	asOf        int64
	accounts    bool // account_id is mapped beside subscription_id
}

type worldFile struct {
	key  string
	days []pricing.Date
	home pricing.Date
	sheet
	body []byte
}

func (w *world) request(t failer) usage.Request {
	store := newStore()
	r := usage.Request{Store: store, Days: w.days, Meters: w.meters, Attribution: w.attribution, AsOf: w.asOf}
	if w.accounts {
		r.Mapping = usage.Mapping{Subscription: usage.Source{Column: "subscription_id"}, Account: usage.Source{Column: "account_id"}}
	}
	r.Mapping.EventID.None = w.noIDs
	for i := range w.files {
		f := &w.files[i]
		r.Files = append(r.Files, put(t, store, f.key, f.body, f.home, f.days...))
	}
	return r
}

// candidate is a row that passed every check of its own.
type candidate struct {
	file, row  int
	id         string
	byPlace    bool // the id is the row's place: files are sorted by key
	when       int64
	key        string
	meter      pricing.Meter
	dimensions string
	qty        *big.Rat
	rounded    bool
	entry      pricing.AttributionEntry
}

func (c candidate) payload() string {
	return fmt.Sprint(c.when, "|", c.key, "|", c.meter.ID, "|", c.dimensions, "|", c.qty.RatString())
}

// expect computes every day by the rules as they are written, with maps and
// fractions.
func (w *world) expect() []outcome {
	slices.SortFunc(w.files, func(a, b worldFile) int { return strings.Compare(a.key, b.key) })
	var out []outcome
	for _, d := range w.days {
		out = append(out, w.expectDay(d))
	}
	return out
}

func (w *world) expectDay(d pricing.Date) outcome {
	o := outcome{UTCDay: d}
	counts, books := make([]usage.Counts, len(w.files)), make([]book, len(w.files))
	keys := map[string]bool{}
	byID := map[string][]candidate{}
	reject := func(f, i int, r usage.Reason, field string) {
		counts[f].Rejected++
		o.Rejected = append(o.Rejected, w.rejected(f, i, r, field))
	}
	for f := range w.files {
		if !slices.Contains(w.files[f].days, d) {
			continue
		}
		for i := range w.files[f].rows {
			counts[f].Read++
			c, verdict, field := w.judge(d, f, i, keys)
			switch verdict {
			case "":
				byID[c.id] = append(byID[c.id], c)
				books[f].enter("read", c.meter.ID, c.qty)
			case "outside":
				counts[f].Outside++
				books[f].enter("read", "", nil)
				books[f].enter("outside", "", nil)
			default:
				reject(f, i, usage.Reason(verdict), field)
				meter, qty := w.refused(f, i)
				books[f].enter("read", meter, qty)
				books[f].enter("rejected", meter, qty)
			}
		}
	}
	var kept []candidate
	for _, same := range byID {
		equal := true
		for _, c := range same {
			equal = equal && c.payload() == same[0].payload()
		}
		for n, c := range same {
			switch {
			case !equal:
				reject(c.file, c.row, usage.ConflictingEvent, "event_id")
				books[c.file].enter("rejected", c.meter.ID, c.qty)
			case n > 0:
				counts[c.file].Duplicate++
				books[c.file].enter("duplicate", c.meter.ID, c.qty)
			default:
				counts[c.file].Kept++
				books[c.file].enter("kept", c.meter.ID, c.qty)
				if c.rounded {
					counts[c.file].Rounded++
				}
				kept = append(kept, c)
			}
		}
	}
	w.states(&o, kept, counts, books)
	all := book{}
	for f, c := range counts {
		if slices.Contains(w.files[f].days, d) {
			o.Files = append(o.Files, fileOutcome{w.files[f].key, digest(w.files[f].body), int64(len(w.files[f].body)), c, books[f].listed()})
			o.Counts = o.Counts.Add(c)
			all = append(all, books[f]...)
		}
	}
	o.Meters = all.listed()
	o.Keys = slices.Sorted(maps.Keys(keys))
	sort.Slice(o.Rejected, func(i, j int) bool {
		a, b := o.Rejected[i], o.Rejected[j]
		return a.File < b.File || (a.File == b.File && a.Row < b.Row)
	})
	return o
}

// judge applies the checks in their order. The verdict is "" for a candidate.
func (w *world) judge(d pricing.Date, f, i int, keys map[string]bool) (c candidate, verdict, field string) {
	file, r := &w.files[f], w.files[f].rows[i]
	if r.when.null || r.when.invalid {
		if file.home != d {
			return c, "outside", ""
		}
		if r.when.null {
			return c, string(usage.MissingTime), "time"
		}
		return c, string(usage.InvalidTime), "time"
	}
	if pricing.DateOf(time.UnixMicro(r.when.micros).UTC()) != d || r.when.micros >= w.asOf {
		return c, "outside", ""
	}
	c = candidate{file: f, row: i, when: r.when.micros}
	switch {
	case w.noIDs: // each row is an event of its own
		c.id, c.byPlace = fmt.Sprintf("%06d/%06d", f, i), true
	case r.id == nil || *r.id == "":
		return c, string(usage.MissingEventID), "event_id"
	case len(*r.id) > 1024:
		return c, string(usage.InvalidText), "event_id"
	default:
		c.id = *r.id
	}
	if r.meter == nil || *r.meter == "" {
		return c, string(usage.MissingMeter), "meter"
	}
	m := slices.IndexFunc(w.meters, func(m pricing.Meter) bool { return m.ID == *r.meter })
	if m < 0 {
		return c, string(usage.UnknownMeter), "meter"
	}
	c.meter = w.meters[m]
	if v, field := w.attribute(&c, r, keys); v != "" {
		return c, v, field
	}
	if v, field := measure(&c, r); v != "" {
		return c, v, field
	}
	return c, describe(&c, r), "region"
}

func (w *world) attribute(c *candidate, r row, keys map[string]bool) (verdict, field string) {
	field = "subscription_id"
	switch {
	case r.subscription != nil && *r.subscription != "":
		c.key = pricing.SubscriptionKey(*r.subscription)
	case w.accounts && r.account != nil && *r.account != "":
		c.key, field = pricing.AccountKey(*r.account), "account_id"
	default:
		return string(usage.MissingSubscription), field
	}
	keys[c.key] = true
	entries := w.attribution.Of(c.key)
	if len(entries) == 0 {
		return string(usage.UnknownSubscription), field
	}
	var active []pricing.AttributionEntry
	for _, e := range entries {
		if e.Start <= c.when && c.when < e.End {
			active = append(active, e)
		}
	}
	switch len(active) {
	case 0:
		return string(usage.OutsideSubscription), field
	case 1:
		c.entry = active[0]
		return "", ""
	}
	return string(usage.AmbiguousSubscription), field
}

func measure(c *candidate, r row) (verdict, field string) {
	if c.meter.Aggregate == pricing.Count {
		c.qty = big.NewRat(1, 1)
		return "", ""
	}
	field = "quantity"
	if c.meter.Aggregate == pricing.Unique {
		return presence(c, r)
	}
	if c.meter.Of != "" {
		if field = c.meter.Of; r.bytes == nil {
			return string(usage.MissingQuantity), field
		}
		c.qty = new(big.Rat).SetInt64(*r.bytes)
	} else {
		switch {
		case r.qty.null:
			return string(usage.MissingQuantity), field
		case r.qty.invalid:
			return string(usage.InvalidQuantity), field
		}
		c.qty = r.qty.value
	}
	exact := c.qty
	c.qty = roundHalfEven(exact, int(c.meter.Scale))
	c.rounded = c.qty.Cmp(exact) != 0
	switch {
	case !fits(c.qty):
		return string(usage.InvalidQuantity), field
	case exact.Sign() < 0 && !c.meter.AllowNegative:
		return string(usage.NegativeQuantity), field
	case c.rounded && c.meter.Exact:
		return string(usage.InexactQuantity), field
	}
	return "", ""
}

// presence reads a unique meter's event: the worlds count the values of region.
func presence(c *candidate, r row) (verdict, field string) {
	c.qty = big.NewRat(1, 1)
	switch rounded := r.qty.value; {
	case r.region == nil || *r.region == "":
		return string(usage.MissingQuantity), "region"
	case !c.meter.Running:
		return "", ""
	case r.qty.null:
		return string(usage.MissingQuantity), "quantity"
	case r.qty.invalid || !fits(rounded) || roundHalfEven(rounded, int(c.meter.Scale)).Sign() == 0:
		return string(usage.InvalidQuantity), "quantity"
	case rounded.Sign() < 0:
		c.qty = new(big.Rat)
	}
	return "", ""
}

// describe writes the dimensions; the only bad one drawn is a long region.
func describe(c *candidate, r row) (verdict string) {
	var parts []string
	add := func(name, value string) { parts = append(parts, fmt.Sprintf("%q:%q", name, value)) }
	names := c.meter.By
	if c.meter.Aggregate == pricing.Unique {
		names = append(slices.Clone(names), c.meter.Of)
	}
	for _, name := range names {
		switch {
		case name == "region" && r.region != nil:
			if len(*r.region) > 1024 {
				return string(usage.InvalidText)
			}
			add(name, *r.region)
		case name == "size" && r.size != nil:
			add(name, fmt.Sprint(*r.size))
		case name == "flag" && r.flag != nil:
			add(name, fmt.Sprint(*r.flag))
		}
	}
	sort.Strings(parts)
	c.dimensions = "{" + strings.Join(parts, ",") + "}"
	return ""
}

func (w *world) rejected(f, i int, reason usage.Reason, field string) usage.Rejected {
	r := w.files[f].rows[i]
	out := usage.Rejected{File: w.files[f].key, Row: int64(i), Reason: reason, Field: field}
	if r.id != nil && len(*r.id) <= 1024 && !w.noIDs {
		out.EventID = *r.id
	}
	if !r.when.null && !r.when.invalid {
		out.Time = r.when.micros
	}
	return out
}

// roundHalfEven rounds v to n places.
func roundHalfEven(v *big.Rat, n int) *big.Rat {
	x := new(big.Rat).Mul(v, new(big.Rat).SetInt(pow10(n)))
	q, rem := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int)) // floors
	twice := new(big.Int).Lsh(rem, 1)
	if c := twice.Cmp(x.Denom()); c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(q, pow10(n))
}

// fits reports whether v at 12 places has at most 38 digits.
func fits(v *big.Rat) bool {
	x := new(big.Rat).Mul(v, new(big.Rat).SetInt(pow10(12)))
	return new(big.Rat).Abs(x).Cmp(new(big.Rat).SetInt(pow10(38))) < 0
}

func fixed12(v *big.Rat) money.Int128 {
	x := new(big.Rat).Mul(v, new(big.Rat).SetInt(pow10(12)))
	out, _ := money.Int128FromBig(x.Num())
	return out
}

// after orders events of one time: by the hash of their ids or, where rows have
// none, by their place.
func (c candidate) after(o candidate) bool {
	if c.byPlace {
		return c.id > o.id
	}
	x, y := xxh3.HashString128(c.id), xxh3.HashString128(o.id)
	return x.Hi > y.Hi || (x.Hi == y.Hi && x.Lo > y.Lo)
}
