package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// Members of the subject of a request that takes usage back.
const (
	subjectSubscription = "subscription"
	subjectMeter        = "meter"
	subjectFrom         = "from"  // RFC 3339, to the microsecond
	subjectUntil        = "until" // likewise, exclusive
	subjectDimensions   = "dimensions"
)

// ErrNoUsage is returned for usage to take back that names no subscription, no
// meter or no time.
var ErrNoUsage = errors.New("no usage is named")

// VoidUsage asks that what a subscription used of a meter in a window of time be
// priced no more: the costs of its days are rated without it by their next run, its
// month is closed without it, and of a month that is closed the next closing takes
// back what was billed for it. It is for good, and asking again changes nothing.
// The window must be of whole slots of the meter (CheckVoidUsage).
func (p *Pipeline) VoidUsage(ctx context.Context, v pricing.VoidUsage, reason, at string) (publish.PlacedRequest, error) {
	if v.Subscription == "" || v.Meter == "" || v.From >= v.Until {
		return publish.PlacedRequest{}, fmt.Errorf("%w: give a subscription, a meter, and a time from which on and until when", ErrNoUsage)
	}
	if err := v.Check(); err != nil {
		return publish.PlacedRequest{}, err
	}
	return p.ask(ctx, JobRollup, publish.Request{
		Kind: publish.RequestVoid, Reason: reason, Time: at,
		Subject: map[string]string{
			subjectSubscription: v.Subscription, subjectMeter: v.Meter, subjectDimensions: v.Dimensions,
			subjectFrom: microText(v.From), subjectUntil: microText(v.Until),
		},
	})
}

// CheckVoidUsage is [ErrNoUsage] for a subscription or a meter that book and registry
// do not have now, for one that keeps usage by the day, of which no window can be told,
// and for a window that is not of whole slots of the meter.
func (p *Pipeline) CheckVoidUsage(ctx context.Context, v pricing.VoidUsage) error {
	in, err := p.loadInputs(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(in.registry.Subscriptions, func(s pricing.Subscription) bool { return s.ID == v.Subscription }) {
		return fmt.Errorf("%w: the registry has no subscription %q", ErrNoUsage, v.Subscription)
	}
	err = fmt.Errorf("%w: no price book has a meter %q", ErrNoUsage, v.Meter)
	for _, b := range in.books {
		for i := range b.Versions {
			if m, ok := b.Versions[i].MeterOf(v.Meter); ok {
				if err = checkWindow(v, m); err == nil {
					return nil
				}
			}
		}
	}
	return err
}

// checkWindow is [ErrNoUsage] for a window that the meter's slots cannot tell.
func checkWindow(v pricing.VoidUsage, m pricing.Meter) error {
	slot, name := time.Hour, "full hours"
	switch {
	case m.PerEvent:
		return nil
	case m.Grain == pricing.GrainFiveMinutes:
		slot, name = 5*time.Minute, "full five minutes"
	case m.Grain != pricing.GrainHour:
		return fmt.Errorf("%w: meter %s keeps usage by the day; give it a grain, withdraw the file, or void the line of the invoice", ErrNoUsage, v.Meter)
	}
	if n := slot.Microseconds(); v.From%n != 0 || v.Until%n != 0 {
		return fmt.Errorf("%w: meter %s keeps usage by its grain, %s; let the window begin and end at %s, UTC", ErrNoUsage, v.Meter, m.Grain, name)
	}
	return nil
}

// isAboutUsage reports whether a request is to rollups, and not to closings.
func isAboutUsage(i publish.Input) bool {
	return strings.HasPrefix(i.Key, "requests/"+string(JobRollup)+"/")
}

// takeBack adds the usage that requests take back to the registry, which every
// rating goes by, and notes which they are.
func (in *inputs) takeBack(asked []publish.PlacedRequest) error {
	var void []pricing.VoidUsage
	for _, r := range asked {
		if r.Kind != publish.RequestVoid || !isAboutUsage(r.Input) {
			continue
		}
		v, err := voidUsageOf(r)
		if err != nil {
			return fmt.Errorf("read request %s: %w", r.Input.Key, err)
		}
		void, in.voidUsage = append(void, v), append(in.voidUsage, r.Input)
	}
	in.registry.AddVoidUsage(void)
	return nil
}

func voidUsageOf(r publish.PlacedRequest) (pricing.VoidUsage, error) {
	from, err := time.Parse(time.RFC3339Nano, r.Subject[subjectFrom])
	until, errUntil := time.Parse(time.RFC3339Nano, r.Subject[subjectUntil])
	v := pricing.VoidUsage{
		Subscription: r.Subject[subjectSubscription], Meter: r.Subject[subjectMeter], Dimensions: r.Subject[subjectDimensions],
		From: from.UnixMicro(), Until: until.UnixMicro(),
	}
	return v, errors.Join(err, errUntil, v.Check())
}

func microText(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano) }
