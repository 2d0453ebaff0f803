package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// Vanished is a registry row that a closing was computed from and that is gone
// without a word. Nothing of its billing account is corrected until it is back,
// ended instead of deleted, or withdrawn by request: a broken export must not pay
// everybody back.
type Vanished struct {
	BillingAccount string `json:"billing_account"`
	Row            string `json:"row"` // "subscription sub-a"
}

func rowName(kind, id string) string { return kind + " " + id }

// listedRows maps every row of a registry that a bill depends on to its billing
// account then.
func listedRows(in *inputs) map[string]string {
	out := map[string]string{}
	for _, a := range in.registry.Accounts {
		out[rowName("account", a.ID)] = in.registry.BillingAccount(a.ID)
	}
	for _, s := range in.registry.Subscriptions {
		out[rowName("subscription", s.ID)] = in.registry.BillingAccount(s.Account)
	}
	for _, r := range in.registry.Resources {
		out[rowName("resource", r.ID)] = in.registry.BillingAccount(r.Account)
	}
	return out
}

// holdVanished skips the trees of which rows have vanished since the month was
// closed, or since the closing before looked at it, or before that and were held
// by it. The old registries are read only where terms changed at all.
func (p *Pipeline) holdVanished(ctx context.Context, w *closingWork, l *look, looks []treeLook, gone []string, c *comparison) error {
	if len(gone) == 0 && !slices.ContainsFunc(looks, func(t treeLook) bool { return t.differs }) {
		return nil
	}
	concerned := map[string]bool{}
	for _, payer := range gone {
		concerned[payer] = true
	}
	for _, t := range looks {
		concerned[t.tree.BillingAccount] = concerned[t.tree.BillingAccount] || t.differs || t.changed
	}
	now := listedRows(w.in)
	seen := map[string]bool{}
	hold := func(payer, row string) {
		if _, stands := now[row]; !stands && concerned[payer] && !seen[row] && !w.requests.withdrawn[row] && !w.in.reports(row) {
			seen[row] = true
			c.report.Vanished = append(c.report.Vanished, Vanished{payer, row})
		}
	}
	for _, v := range w.since.vanished[l.month] {
		hold(v.BillingAccount, v.Row)
	}
	for _, m := range []*publish.Manifest{l.manifest, w.before} {
		if m == nil {
			continue
		}
		then, err := p.rowsThen(ctx, w.rows, m)
		if err != nil {
			return err
		}
		for _, row := range slices.Sorted(maps.Keys(then)) {
			hold(then[row], row)
		}
	}
	slices.SortFunc(c.report.Vanished, func(a, b Vanished) int {
		return strings.Compare(a.BillingAccount+" "+a.Row, b.BillingAccount+" "+b.Row)
	})
	for i := range looks {
		if c.report.vanishedAt(looks[i].tree.BillingAccount) {
			looks[i].skip = true
		}
	}
	return nil
}

// rowsThen lists the rows of the registry that a closing pinned. They are kept for
// the other months of the same registry.
func (p *Pipeline) rowsThen(ctx context.Context, read map[string]map[string]string, m *publish.Manifest) (map[string]string, error) {
	var files []pinnedFile
	var name strings.Builder
	for _, i := range m.Inputs {
		if i.Kind == kindBook || i.Kind == kindRegistry {
			fmt.Fprintln(&name, i.Kind, i.Key, i.SHA256)
		}
	}
	if rows, ok := read[name.String()]; ok {
		return rows, nil
	}
	for _, i := range m.Inputs {
		if i.Kind == kindBook || i.Kind == kindRegistry {
			body, err := p.publisher.ReadInput(ctx, i)
			if err != nil {
				return nil, err
			}
			files = append(files, pinnedFile{i.Kind, i.Key, body})
		}
	}
	in, err := parseInputs(files)
	if err != nil {
		return nil, fmt.Errorf("read the registry of closing %s: %w", m.Period, err)
	}
	rows := listedRows(in)
	read[name.String()] = rows
	return rows, nil
}

// reports reports whether a row is there, but has a problem that the registry
// check tells of.
func (in *inputs) reports(row string) bool {
	return slices.ContainsFunc(in.problems, func(p pricing.Problem) bool { return rowName(p.Kind, p.ID) == row })
}

// vanishedAt reports whether a row of a billing account has vanished.
func (l *LookedAt) vanishedAt(payer string) bool {
	return slices.ContainsFunc(l.Vanished, func(v Vanished) bool { return v.BillingAccount == payer })
}
