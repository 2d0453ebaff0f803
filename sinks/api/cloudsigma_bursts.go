package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/pricing/money"
	"daybook/sinks/documents"
)

// cloudSigmaDailyBurstUsage answers /dailyburstusage/.
func cloudSigmaDailyBurstUsage(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	polls, err := v.burstPolls(ctx, r, true)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaList(documents.CloudSigmaDailyBursts(polls), limit, offset)
}

// cloudSigmaBurstUsage answers /burstusage/: what each object's part of the bursts
// of a period came to.
func cloudSigmaBurstUsage(ctx context.Context, r *Request) ([]byte, error) {
	v, err := cloudSigmaViewOf(r)
	if err != nil {
		return nil, err
	}
	limit, offset, err := cloudSigmaPage(r.Query, 20)
	if err != nil {
		return nil, err
	}
	polls, err := v.burstPolls(ctx, r, false)
	if err != nil {
		return nil, err
	}
	shares, err := v.shares(ctx, polls)
	if err != nil {
		return nil, err
	}
	return documents.CloudSigmaList(shares, limit, offset)
}

// burstPolls returns the polls of the days that a request asks for, of which
// costs are published.
func (v *cloudSigmaView) burstPolls(ctx context.Context, r *Request, inclusive bool) ([]pricing.BurstPoll, error) {
	newest, ok := v.newest()
	from, to, err := cloudSigmaDays(r.Query, newest, inclusive)
	if err != nil || !ok {
		return nil, err
	}
	if from, to = max(from, v.facts.Days()[0]), min(to, newest); to < from {
		return nil, nil
	}
	return v.polls(ctx, from, to)
}

// shares splits each burst over the objects that the poll found, by what each
// used, and adds up by resource and object.
func (v *cloudSigmaView) shares(ctx context.Context, polls []pricing.BurstPoll) ([]documents.CloudSigmaBurstUsage, error) {
	if len(polls) == 0 {
		return []documents.CloudSigmaBurstUsage{}, nil
	}
	first, last := polls[0].Day, polls[0].Day
	for _, p := range polls {
		first, last = min(first, p.Day), max(last, p.Day)
	}
	rows, err := v.usage(ctx, first, last)
	if err != nil {
		return nil, err
	}
	type slot struct {
		subscription, meter string
		start               int64
	}
	bySlot := map[slot][]*cloudSigmaPoll{}
	for i := range rows {
		u := &rows[i]
		k := slot{u.Subscription, u.Meter, u.Slot}
		bySlot[k] = append(bySlot[k], u)
	}
	type key struct{ resource, object string }
	at := map[key]*documents.CloudSigmaBurstUsage{}
	for _, p := range polls {
		if p.Beyond.Sign() <= 0 {
			continue
		}
		objects := slices.DeleteFunc(slices.Clone(bySlot[slot{p.Subscription, p.Meter, p.Start.UnixMicro()}]), func(u *cloudSigmaPoll) bool { return !u.within(p) })
		var all money.Fraction
		for _, u := range objects {
			all = all.Add(u.amount())
		}
		for _, u := range objects {
			part, err := u.amount().Quo(all)
			if err != nil { // they come to nothing together
				part = money.Ratio(1, int64(len(objects)))
			}
			k := key{p.Resource, u.object()}
			if at[k] == nil {
				at[k] = &documents.CloudSigmaBurstUsage{UUID: k.object, Resource: k.resource}
			}
			at[k].Amount, at[k].Usage = at[k].Amount.Add(p.Amount.Mul(part)), at[k].Usage.Add(p.Beyond.Mul(part))
		}
	}
	out := make([]documents.CloudSigmaBurstUsage, 0, len(at))
	for _, u := range at {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b documents.CloudSigmaBurstUsage) int {
		return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.UUID, b.UUID))
	})
	return out, nil
}

// within reports whether the usage is of a poll, among those of its five minutes:
// those that stand for as long.
func (p *cloudSigmaPoll) within(poll pricing.BurstPoll) bool {
	text := ""
	if poll.SecondsBy != "" {
		text = p.dimensions[poll.SecondsBy]
	}
	if text == "" {
		text = "300"
	}
	q, err := money.ParseQuantity(text)
	return err == nil && q.Fraction().Cmp(poll.Seconds) == 0
}
