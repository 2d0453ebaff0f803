package world

import "daybook/pricing"

// System is a small world of an outside system, that `daybook demo --system`
// bills and serves.
type System struct {
	Name string // as in api.System
	// First and Last are the months of the world; all of them are rolled up and
	// rated, and those before Open are closed.
	First, Last pricing.Month
	Open        bool         // the last month stays open
	LastDay     pricing.Date // of an open last month: the newest day that is rated
	FirstDay    pricing.Date // the oldest day that is rated; zero: the first of First
	// Settings are lines of the configuration beside places and start, as
	// "issuer: {name: …}".
	Settings string
	// Tokens are what the demo makes tokens for: an account, or "" for an
	// administrator, and scopes, separated by commas.
	Tokens []DemoToken
	// Try are requests to show people, as paths with their query; {token} is not
	// needed.
	Try   []string
	Write func(put func(path string, body []byte) error) error
}

// DemoToken is a token of a demo.
type DemoToken struct {
	ID, Account string
	Scopes      []string
}

// Systems are the worlds by name.
func Systems() map[string]System {
	out := map[string]System{}
	for _, s := range []System{orb(), rokka(), akkeris(), cloudSigma(), computeStacks()} {
		out[s.Name] = s
	}
	return out
}
