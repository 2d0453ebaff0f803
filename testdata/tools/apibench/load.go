package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is a steady stream of requests.
type load struct {
	rate, total int
	accounts    int // asked for at random; 0: each of total once, in order
}

// result is what a load measured.
type result struct {
	requests      int
	cpu           time.Duration
	p50, p99, max time.Duration
	wall          time.Duration
}

// connections bounds how many requests are open at once; one that would be more
// waits, and its wait counts.
const connections = 256

func measure(ctx context.Context, p *process, ask func(account int) *http.Request, l load) (result, error) {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: connections}}
	random := rand.New(rand.NewPCG(1, 2))
	took, errs := make([]time.Duration, l.total), make([]error, l.total)
	before, err := p.cpu()
	if err != nil {
		return result{}, err
	}
	var open sync.WaitGroup
	slots := make(chan struct{}, connections)
	began := time.Now()
	for i := range l.total {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(l.rate))
		time.Sleep(time.Until(due))
		account := i
		if l.accounts > 0 {
			account = random.IntN(l.accounts)
		}
		slots <- struct{}{}
		open.Go(func() {
			defer func() { <-slots }()
			res, err := client.Do(ask(account).WithContext(ctx))
			if err == nil {
				_, err = read(res)
			}
			took[i], errs[i] = time.Since(due), err
		})
	}
	open.Wait()
	wall := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return result{}, err
		}
	}
	after, err := p.cpu()
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[min(int(share*float64(len(took))), len(took)-1)].Round(10 * time.Microsecond)
	}
	return result{requests: l.total, cpu: after - before, p50: at(0.5), p99: at(0.99), max: at(1), wall: wall}, err
}

func (r result) print(name string) {
	fmt.Printf("%-42s %6d requests in %6.2f s: %7.1f µs of processor each; p50 %v, p99 %v, max %v\n",
		name, r.requests, r.wall.Seconds(), float64(r.cpu.Microseconds())/float64(r.requests), r.p50, r.p99, r.max)
}
