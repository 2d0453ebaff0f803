package jobs

import (
	"context"
	"time"

	"daybook/pricing"
	"daybook/sinks/api"
	"daybook/sinks/publish"
)

// takeBack leaves out of the facts what people have asked to take back: usage in
// all that is rated for them, and lines by their keys.
func (f *facts) takeBack(ctx context.Context, asked []publish.Input) error {
	var ofUsage, ofLines []publish.PlacedRequest
	for _, i := range asked {
		r, err := f.kept.requests.get(i.Key, func() (publish.PlacedRequest, int64, error) {
			r, err := f.p.publisher.ReadRequest(ctx, i)
			return r, 2*i.Size + 512, err
		})
		if err != nil {
			return err
		}
		if isAboutUsage(i) {
			ofUsage = append(ofUsage, r)
		} else {
			ofLines = append(ofLines, r)
		}
	}
	lines, err := newRequests(ofLines)
	if err != nil {
		return err
	}
	f.voids = lines.voids
	return f.in.takeBack(ofUsage)
}

// Published takes what people ask for too, and looks at the bucket again after it.
var _ api.Asker = (*Published)(nil)

// VoidLine asks that a line of an invoice be billed no more.
func (s *Published) VoidLine(ctx context.Context, invoice string, line int, reason string) error {
	return s.ask(func() (publish.PlacedRequest, error) { return s.p.Void(ctx, invoice, line, reason, "") })
}

// VoidUsage asks that usage be priced no more.
func (s *Published) VoidUsage(ctx context.Context, usage pricing.VoidUsage, reason string) error {
	return s.ask(func() (publish.PlacedRequest, error) { return s.p.VoidUsage(ctx, usage, reason, "") })
}

func (s *Published) ask(put func() (publish.PlacedRequest, error)) error {
	s.asks.Lock()
	defer s.asks.Unlock()
	_, err := put()
	s.mu.Lock()
	s.looked, s.put = time.Time{}, s.put+1
	s.mu.Unlock()
	return err
}
