package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/sinks/publish"
	"daybook/sources/spelling"
)

// ErrNoRow is returned for a row to withdraw that no registry has had.
var ErrNoRow = errors.New("no registry has that row")

// WithdrawRow says that a row which is no longer in the registry is gone on
// purpose: what was billed for it is taken back. Kind is account, subscription or
// resource. A request is for good, so a slip of the pen is refused: [ErrNoRow].
func (p *Pipeline) WithdrawRow(ctx context.Context, kind, id, reason, at string) (publish.PlacedRequest, error) {
	if err := p.knowsRow(ctx, kind, id); err != nil {
		return publish.PlacedRequest{}, err
	}
	return p.ask(ctx, JobMonthly, publish.Request{
		Kind: publish.RequestWithdraw, Reason: reason, Time: at, Subject: map[string]string{subjectRow: rowName(kind, id)},
	})
}

// knowsRow refuses a row that neither the registry has nor one that a closing was
// computed from, and names the one that was most likely meant.
func (p *Pipeline) knowsRow(ctx context.Context, kind, id string) error {
	row := rowName(kind, id)
	in, err := p.loadInputs(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	read := map[string]map[string]string{}
	has := func(rows map[string]string) bool {
		for name := range rows {
			if other, ok := strings.CutPrefix(name, kind+" "); ok {
				known[other] = true
			}
		}
		return known[id]
	}
	if has(listedRows(in)) || in.reports(row) {
		return nil
	}
	periods, err := p.publisher.Periods(ctx, string(JobMonthly))
	if err != nil {
		return err
	}
	for _, period := range slices.Backward(periods) {
		history, err := p.publisher.Decided(ctx, string(JobMonthly), period)
		if err != nil {
			return err
		}
		if history.Published == nil {
			continue
		}
		rows, err := p.rowsThen(ctx, read, history.Published)
		if err != nil {
			return err
		}
		if has(rows) {
			return nil
		}
	}
	remedy := spelling.DidYouMean(id, slices.Sorted(maps.Keys(known)))
	if remedy == "" {
		remedy = "write its id as the registry did"
	}
	return fmt.Errorf("withdraw %s: %w, today or when a month was closed; %s", row, ErrNoRow, remedy)
}
