package pricing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Rater prices usage with one book and one registry. It holds no state between
// calls: what it returns depends on its arguments alone, and calls for
// different trees may run at the same time.
type Rater struct {
	book    *Book
	beside  *beside // the books of other currencies; nil: none
	reg     *Registry
	starts  map[*time.Location][]time.Time // when each version takes effect in a zone
	own     map[string][]Cycle             // by plan: what its fees have beside the plan's
	phases  map[*Plan][]*Plan              // a plan as its phases have it
	tariffs map[*Price]*Tariff             // of the book's prices that have one
}

// Tree is one unit of work: a billing account with every account whose
// invoices go to it, itself included, sorted.
type Tree struct {
	BillingAccount string
	Accounts       []string
}

// TreeUsage is every usage row of a tree's accounts in the window asked for, in
// any order. Rows of other accounts are not for it.
type TreeUsage struct{ Rows []UsageState }

// NewRater prepares the rating of a registry with a book. It refuses a book
// that asks for what cannot be: a price of an unknown meter, a pooled fee, usage
// due in advance. A book that was parsed has none of these.
func NewRater(book *Book, reg *Registry) (*Rater, error) {
	if book == nil || reg == nil {
		return nil, errors.New("prepare rating: there is no price book or no registry")
	}
	if err := checkBook(book); err != nil {
		return nil, fmt.Errorf("prepare rating: book %s: %w", book.Name, err)
	}
	r := &Rater{book: book, reg: reg, starts: map[*time.Location][]time.Time{}, own: book.ownCycles(), phases: map[*Plan][]*Plan{}, tariffs: makeTariffs(book)}
	for i := range book.Versions {
		for j := range book.Versions[i].Plans {
			plan := &book.Versions[i].Plans[j]
			r.phases[plan] = plan.phases()
		}
	}
	for _, loc := range reg.zones {
		if loc == nil || r.starts[loc] != nil {
			continue
		}
		starts := make([]time.Time, len(book.Versions))
		for i, v := range book.Versions {
			starts[i] = v.Effective.In(loc).UTC()
		}
		r.starts[loc] = starts
	}
	return r, nil
}

// Trees returns the units of work, sorted by billing account. Every account of
// the registry is in exactly one.
func (r *Rater) Trees() []Tree {
	at := map[string]int{}
	var out []Tree
	for _, a := range r.reg.Accounts {
		billing := r.reg.BillingAccount(a.ID)
		i, ok := at[billing]
		if !ok {
			i = len(out)
			at[billing] = i
			out = append(out, Tree{BillingAccount: billing})
		}
		out[i].Accounts = append(out[i].Accounts, a.ID)
	}
	slices.SortFunc(out, func(a, b Tree) int { return strings.Compare(a.BillingAccount, b.BillingAccount) })
	return out
}

func checkBook(b *Book) error {
	if len(b.Versions) == 0 {
		return errors.New("it has no version")
	}
	for i := range b.Versions {
		v := &b.Versions[i]
		if i > 0 && v.Effective <= b.Versions[i-1].Effective {
			return fmt.Errorf("version %s takes effect on %s, not after the one before it", v.ID, v.Effective)
		}
		for _, m := range v.Meters {
			if err := m.Check(); err != nil {
				return fmt.Errorf("version %s, %w", v.ID, err)
			}
			if m.DivideBy.IsZero() {
				return fmt.Errorf("version %s, meter %s: divide_by is zero", v.ID, m.ID)
			}
		}
		for j := range v.Plans {
			if err := checkPlan(v, &v.Plans[j]); err != nil {
				return fmt.Errorf("version %s, plan %s: %w", v.ID, v.Plans[j].ID, err)
			}
		}
	}
	return nil
}

// countsDays reports whether a price is prorated by days, or not at all, which
// is all that months of 30/360 know.
func (v *Version) countsDays(p *Price) bool {
	by := cmp.Or(p.Prorate, v.Conventions.Proration)
	if t, timed := p.Model.(ResourceTime); timed && t.PerSeconds > 0 || p.Meter != "" || p.Once {
		return true
	}
	return v.Conventions.Month != Month30Of360 || by == ProrateDays || by == ProrateStartedDays || by == ProrateNone
}

func checkPlan(v *Version, p *Plan) error {
	if err := p.Cycle.check(); err != nil {
		return err
	}
	if err := p.checkPhases(); err != nil {
		return err
	}
	for _, bound := range p.FreeBelow {
		if _, ok := v.MeterOf(bound.Meter); !ok {
			return fmt.Errorf("free_below names meter %q, which the version does not have", bound.Meter)
		}
	}
	for i := range p.Prices {
		price := &p.Prices[i]
		_, fixed := price.Model.(Fixed)
		_, timed := price.Model.(ResourceTime)
		term, sold := price.Model.(Term)
		m, known := v.MeterOf(price.Meter)
		var wrong string
		switch {
		case price.Meter != "" && !known:
			wrong = fmt.Sprintf("meter %q is not in the version", price.Meter)
		case fixed != (price.Meter == "" && price.Resource == ""), (timed || sold) != (price.Resource != ""):
			wrong = fmt.Sprintf("model %s does not fit what it prices", modelName(price.Model))
		case price.apart() && price.checkEach(m) != nil:
			wrong = price.checkEach(m).Error()
		case price.checkIncluded() != "":
			wrong = price.checkIncluded()
		case price.checkHours(m) != nil:
			wrong = price.checkHours(m).Error()
		case price.checkCommitment(m) != nil:
			wrong = price.checkCommitment(m).Error()
		case price.checkBurst(m) != nil:
			wrong = price.checkBurst(m).Error()
		case price.checkBundle(v) != nil:
			wrong = price.checkBundle(v).Error()
		case ofAmounts(price.Model) && (m.Aggregate != Sum || m.Running):
			wrong = fmt.Sprintf("model %s prices a sum of amounts, but meter %s is a %s", modelName(price.Model), m.ID, m.Aggregate)
		case sold && (term.DivideBy.IsZero() || term.PerSeconds <= 0):
			wrong = "a term has no unit or no time"
		case price.Meter != "" && price.Prorate != "" && firstOf(price.CheckProrated(m)) != "":
			wrong = firstOf(price.CheckProrated(m))
		case price.CheckSingly(m) != "":
			wrong = price.CheckSingly(m)
		case price.Meter == "" && price.Pool != PoolSubscription:
			wrong = "only metered prices can be pooled"
		case !fixed && price.Due == InAdvance:
			wrong = "only fixed fees can be due in advance"
		case !fixed && (price.Once || price.ownCycle()):
			wrong = "only fixed fees have a cycle of their own"
		case price.Once && (price.ownCycle() || price.Due != InAdvance):
			wrong = "a fee that is owed once is due in advance and has no cycle"
		case !v.countsDays(price):
			wrong = "months of 30/360 have days and no hours: prorate it by days"
		case price.ownCycle() && price.Cycle.check() != nil:
			wrong = price.Cycle.check().Error()
		default:
			continue
		}
		return fmt.Errorf("price %s: %s", price.ID, wrong)
	}
	return nil
}

func firstOf(reason, _ string) string { return reason }

// ofAmounts reports whether a model prices money that events name, which only a
// sum keeps.
func ofAmounts(m Model) bool {
	switch m := m.(type) {
	case Percentage, GraduatedPercentage, Dynamic:
		return true
	case Committed:
		return ofAmounts(m.Of)
	}
	return false
}
