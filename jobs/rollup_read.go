package jobs

import (
	"context"
	"fmt"
	"iter"

	"daybook/pricing"
	"daybook/sinks/tables"
)

// keptBytes is how much of the files of rollups is kept for the next day of a range
// (Pipeline.keepsRollups), which looks at most of them again.
const keptBytes = 256 << 20

// keptRollup is a rollup for the next day of a range: what is rated of it, or its
// file.
type keptRollup struct {
	thinRollup
	body []byte // nil beyond keptBytes
}

// thinRollup is what is rated of a day before a period: a year of them may count.
type thinRollup struct {
	batch   *pricing.UsageBatch // rows of carried meters
	dropped []pricing.MeterSum  // what it lacks
}

// carried says what of the rollups before a period is rated: the meters that
// carry something into it.
type carried struct {
	before pricing.Date // the first UTC day of which all meters count
	meter  func(id string) bool
}

// rollupRows are the rows of a set's days side by side, a window of each in memory,
// but for days of which only what is carried counts: those are there whole.
type rollupRows struct {
	days []*rollupDay
	held []pricing.MeterSum // what the days hold, as far as they were read, and what was left out of them
	left []pricing.MeterSum // what was left out, as no rating reads it
}

// rollupDay is a place in the rows of one day.
type rollupDay struct {
	window *pricing.UsageBatch // with the row at hand; nil once all have passed
	at     int
	next   func() (*pricing.UsageBatch, error, bool)
	stop   func()
	passed func(*pricing.UsageBatch) error // is told of each window, and of the end by nil
}

// openRollups begins to read a set; of the days before c.before, which a year of
// carried changes may need, it keeps only what is carried. The rows are to be
// closed.
func (p *Pipeline) openRollups(ctx context.Context, set rollupSet, c carried) (*rollupRows, error) {
	rows, texts := &rollupRows{}, tables.Texts{}
	kept, room := map[string]keptRollup{}, keptBytes
	for n, object := range set.objects {
		var said []pricing.MeterSum
		if n < len(set.sums) {
			said = set.sums[n]
		}
		had := p.rollups[object.SHA256]
		if had.batch != nil && had.batch.UTCDay >= c.before {
			had.thinRollup = thinRollup{}
		}
		if had.batch == nil {
			var err error
			if had.body == nil {
				had.body, err = p.publisher.ReadObject(ctx, object)
			}
			if err == nil {
				had.thinRollup, err = rows.open(object.Key, had.body, c, said, texts, p.keepsRollups)
			}
			if err != nil {
				rows.close()
				return nil, err
			}
		}
		if had.batch != nil {
			had.body = nil
			rows.add(had.thinRollup)
		} else if room -= len(had.body); room < 0 || !p.keepsRollups {
			continue
		}
		kept[object.SHA256] = had
	}
	p.rollups = kept
	return rows, nil
}

// open adds a day by windows, or returns it thinned. A file that nobody keeps is let
// go of while it is read.
func (r *rollupRows) open(key string, body []byte, c carried, said []pricing.MeterSum, texts tables.Texts, keeps bool) (thinRollup, error) {
	windows := tables.PassingUsageWindows
	if keeps {
		windows = tables.UsageWindows
	}
	day, err := r.begin(windows(key, body, texts), key, said)
	if err != nil {
		return thinRollup{}, err
	}
	if day.window == nil || day.window.UTCDay >= c.before {
		r.days = append(r.days, day)
		return thinRollup{}, nil
	}
	day.stop()
	batch, err := tables.DecodeUsageDaily(key, body)
	if err != nil {
		return thinRollup{}, err
	}
	if err := checkTable(key, said, batch.Sums()); err != nil {
		return thinRollup{}, err
	}
	return thinRollup{batch.Only(c.meter), batch.Only(func(id string) bool { return !c.meter(id) }).Sums()}, nil
}

// add adds a day that is there whole.
func (r *rollupRows) add(thin thinRollup) {
	r.left = pricing.AddMeterSums(r.left, thin.dropped)
	r.held = pricing.AddMeterSums(r.held, pricing.AddMeterSums(thin.dropped, thin.batch.Sums()))
	day := &rollupDay{
		window: thin.batch,
		next:   func() (*pricing.UsageBatch, error, bool) { return nil, nil, false },
		stop:   func() {}, passed: func(*pricing.UsageBatch) error { return nil },
	}
	if thin.batch.Len() == 0 {
		day.window = nil
	}
	r.days = append(r.days, day)
}

// checkTable compares what a rollup's manifest says that its table holds with what
// it does; nil is the word of no manifest.
func checkTable(key string, said, holds []pricing.MeterSum) error {
	if said == nil {
		return nil
	}
	if err := pricing.CheckMeterSums("the manifest says", said, "the table holds", holds); err != nil {
		return fmt.Errorf("%s: %w; restore its manifest", key, err)
	}
	return nil
}

// begin goes to the first row of a day.
func (r *rollupRows) begin(windows iter.Seq2[*pricing.UsageBatch, error], key string, said []pricing.MeterSum) (*rollupDay, error) {
	day := &rollupDay{}
	var sums []pricing.MeterSum
	day.passed = func(b *pricing.UsageBatch) error {
		if b != nil {
			sums = pricing.AddMeterSums(sums, b.Sums())
			return nil
		}
		r.held = pricing.AddMeterSums(r.held, sums)
		return checkTable(key, said, sums)
	}
	day.next, day.stop = iter.Pull2(windows)
	err := day.turn()
	if err != nil {
		day.stop()
	}
	return day, err
}

// turn goes to the next window.
func (d *rollupDay) turn() error {
	window, err, more := d.next()
	if err != nil {
		return err
	}
	d.window, d.at = window, 0
	if !more {
		d.window = nil
	}
	return d.passed(d.window)
}

// account is whose row is at hand.
func (d *rollupDay) account() (string, bool) {
	if d.window == nil {
		return "", false
	}
	return d.window.Account.At(d.at), true
}

// take appends the rows of the account whose row is at hand, and passes them.
func (d *rollupDay) take(account string, rows []pricing.UsageState) ([]pricing.UsageState, error) {
	for a, more := d.account(); more && a == account; a, more = d.account() {
		index := d.window.Account.Index
		for id := index[d.at]; d.at < len(index) && index[d.at] == id; d.at++ {
			rows = d.window.AppendRow(rows, d.at)
		}
		if d.at == len(index) {
			if err := d.turn(); err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// close lets go of the files, read to their end or not.
func (r *rollupRows) close() {
	for _, d := range r.days {
		d.stop()
	}
	r.days = nil
}

// wholeRollups decodes every row of a set.
func (p *Pipeline) wholeRollups(ctx context.Context, set rollupSet) ([]*pricing.UsageBatch, error) {
	var out []*pricing.UsageBatch
	for n, object := range set.objects {
		body, err := p.publisher.ReadObject(ctx, object)
		if err != nil {
			return nil, err
		}
		batch, err := tables.DecodeUsageDaily(object.Key, body)
		if err == nil {
			err = checkTable(object.Key, set.sums[n], batch.Sums())
		}
		if err != nil {
			return nil, err
		}
		out = append(out, batch)
	}
	return out, nil
}

// forgetRollups lets go of what is kept for another day.
func (p *Pipeline) forgetRollups() { p.rollups, p.keepsRollups = nil, false }
