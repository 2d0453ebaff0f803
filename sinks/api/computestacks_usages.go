package api

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"daybook/pricing"
	"daybook/sinks/documents"
)

// computeStacks finds usage items. It keeps what it has worked out of one published
// state: the ids, and the items of the accounts that were asked about.
type computeStacks struct {
	mu            sync.Mutex
	state         string
	subscriptions map[int64]*pricing.Subscription
	users         map[int64]string
	itemsOf       map[string][]documents.ComputeStacksItem // by account, newest first
	kept, most    int                                      // items in it, of all accounts together
}

// at makes what is kept that of the request's state.
func (c *computeStacks) at(f Facts) {
	if c.subscriptions != nil && c.state == f.State() {
		return
	}
	reg := f.Registry()
	c.state, c.subscriptions, c.users = f.State(), map[int64]*pricing.Subscription{}, map[int64]string{}
	c.itemsOf, c.kept = map[string][]documents.ComputeStacksItem{}, 0
	for i := range reg.Subscriptions {
		c.subscriptions[documents.ComputeStacksSubscriptionID(reg.Subscriptions[i].ID)] = &reg.Subscriptions[i]
	}
	for _, a := range reg.Accounts {
		c.users[documents.ComputeStacksUserID(a.ID)] = a.ID
	}
}

// subscription is that of the path, by its number or its id in the registry.
func (c *computeStacks) subscription(r *Request) (*pricing.Subscription, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(r.Facts)
	reg, text := r.Facts.Registry(), r.Path("subscription")
	var sub *pricing.Subscription
	if n, found := slices.BinarySearchFunc(reg.Subscriptions, text, func(s pricing.Subscription, id string) int { return strings.Compare(s.ID, id) }); found {
		sub = &reg.Subscriptions[n]
	} else if id, ok := integer(text); ok {
		sub = c.subscriptions[id]
	}
	if sub == nil || !r.Sees(sub.Account) {
		return nil, unknownSubscription()
	}
	return sub, nil
}

// user is the account of the path.
func (c *computeStacks) user(r *Request) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(r.Facts)
	account := r.Path("user")
	if _, known := r.Facts.Registry().Account(account); !known {
		id, _ := integer(account)
		account = c.users[id]
	}
	if !r.Sees(account) {
		return "", unknownUser()
	}
	return account, nil
}

func integer(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}

// one is the usage item of the path.
func (c *computeStacks) one(ctx context.Context, r *Request) (*documents.ComputeStacksItem, error) {
	sub, err := c.subscription(r)
	if err != nil {
		return nil, err
	}
	id, ok := integer(r.Path("usage"))
	if !ok {
		return nil, unknownUsage()
	}
	items, err := c.items(ctx, r, sub.Account, func(i *documents.ComputeStacksItem) bool { return i.ID == id && i.Of.Subscription.ID == sub.ID })
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, unknownUsage()
	}
	return &items[0], nil
}

// items lists those usage items of an account and of all below it that the token
// may see and keep takes.
func (c *computeStacks) items(ctx context.Context, r *Request, account string, keep func(*documents.ComputeStacksItem) bool) ([]documents.ComputeStacksItem, error) {
	c.mu.Lock()
	c.at(r.Facts)
	all, known := c.itemsOf[account]
	c.mu.Unlock()
	if !known {
		var err error
		if all, err = computeStacksItems(ctx, r.Facts, account); err != nil {
			return nil, err
		}
		c.keep(r.Facts, account, all)
	}
	var out []documents.ComputeStacksItem
	for i := range all {
		if r.Sees(all[i].Of.User.ID) && keep(&all[i]) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// keep keeps an account's items, for the pages after the first. Where they become
// too many, those of the accounts before are dropped.
func (c *computeStacks) keep(f Facts, account string, all []documents.ComputeStacksItem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at(f)
	if _, known := c.itemsOf[account]; known || len(all) > c.most {
		return
	}
	if c.kept+len(all)+len(c.itemsOf) > c.most {
		clear(c.itemsOf)
		c.kept = 0
	}
	c.itemsOf[account] = all
	c.kept += len(all)
}

// computeStacksItems works out all usage items of an account and of those below it,
// newest first, from the first published month to the open one.
func computeStacksItems(ctx context.Context, f Facts, account string) ([]documents.ComputeStacksItem, error) {
	days := f.Days()
	if len(days) == 0 {
		return nil, nil
	}
	first := pricing.MonthOf(days[0])
	if closed := f.Closings(); len(closed) > 0 && closed[0].Before(first) {
		first = closed[0]
	}
	var months []documents.ComputeStacksMonth
	// A period that is open may be due in the month after.
	for m := first; !pricing.MonthOf(days[len(days)-1]).Next().Before(m); m = m.Next() {
		told, err := f.Explained(ctx, m, account)
		if err != nil {
			return nil, err
		}
		one := documents.ComputeStacksMonth{}
		if one.Closed, err = f.ClosedAt(ctx, m); err != nil {
			return nil, err
		}
		for i := range told {
			if !told[i].Line.PeriodStart.Before(f.AsOf()) {
				continue
			}
			if of, ok := documents.ComputeStacksProductOf(&told[i], f.Registry(), f.Books(), f.AsOf()); ok {
				one.Items = append(one.Items, documents.ComputeStacksItems(m, &told[i], of, f.AsOf())...)
			}
		}
		months = append(months, one)
	}
	if err := documents.ComputeStacksProcess(months); err != nil {
		return nil, err
	}
	var out []documents.ComputeStacksItem
	for _, m := range months {
		out = append(out, m.Items...)
	}
	documents.SortComputeStacks(out)
	return out, nil
}
