package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// metrics counts what was answered, in the text format that Prometheus reads. It
// names routes, never accounts.
type metrics struct {
	mu       sync.Mutex
	counters []*counter
}

// latencies are the upper bounds of the histogram, in seconds.
var latencies = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond,
	50 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, time.Second, 5 * time.Second,
}

// counter counts the answers of one route.
type counter struct {
	system, route string
	byClass       [6]atomic.Int64 // 1xx … 5xx
	buckets       [len(latencies) + 1]atomic.Int64
	nanoseconds   atomic.Int64
}

func (m *metrics) of(system, route string) *counter {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &counter{system: system, route: route}
	m.counters = append(m.counters, c)
	return c
}

func (c *counter) add(status int, took time.Duration) {
	c.byClass[min(max(status/100, 0), 5)].Add(1)
	n, _ := slices.BinarySearch(latencies[:], took)
	c.buckets[n].Add(1)
	c.nanoseconds.Add(int64(took))
}

// serve writes the counts.
func (m *metrics) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.mu.Lock()
	counters := slices.Clone(m.counters)
	m.mu.Unlock()
	slices.SortFunc(counters, func(a, b *counter) int { return cmp.Or(cmp.Compare(a.system, b.system), cmp.Compare(a.route, b.route)) })
	fmt.Fprintln(w, "# HELP daybook_api_requests_total Requests answered, by system, route and class of status.\n# TYPE daybook_api_requests_total counter")
	for _, c := range counters {
		for class := range c.byClass {
			if n := c.byClass[class].Load(); n > 0 {
				fmt.Fprintf(w, "daybook_api_requests_total{system=%q,route=%q,status=\"%dxx\"} %d\n", c.system, c.route, class, n)
			}
		}
	}
	fmt.Fprintln(w, "# HELP daybook_api_seconds Time to answer.\n# TYPE daybook_api_seconds histogram")
	for _, c := range counters {
		var sum int64
		for i, bound := range latencies {
			sum += c.buckets[i].Load()
			fmt.Fprintf(w, "daybook_api_seconds_bucket{system=%q,route=%q,le=\"%g\"} %d\n", c.system, c.route, bound.Seconds(), sum)
		}
		sum += c.buckets[len(latencies)].Load()
		fmt.Fprintf(w, "daybook_api_seconds_bucket{system=%q,route=%q,le=\"+Inf\"} %d\n", c.system, c.route, sum)
		fmt.Fprintf(w, "daybook_api_seconds_sum{system=%q,route=%q} %g\n", c.system, c.route, time.Duration(c.nanoseconds.Load()).Seconds())
		fmt.Fprintf(w, "daybook_api_seconds_count{system=%q,route=%q} %d\n", c.system, c.route, sum)
	}
}
