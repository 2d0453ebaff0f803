package pricing

import (
	"time"

	"daybook/pricing/money"
)

// Account is a node of the customers' tree.
type Account struct {
	ID         string
	Parent     string // "" at a root
	Kind       string // master_organization, organization, space, app, user, …
	Name       string
	ExternalID string
	Bills      bool // invoices for it and everything below it go here
	Currency   string
	TimeZone   string // IANA name; "" inherits, UTC at a root
	// Jurisdiction is whose taxes its lines owe; "" inherits, none at a root.
	Jurisdiction string
	Labels       map[string]string
}

// Subscription is an account's use of a plan in [Start, End).
type Subscription struct {
	ID             string
	Account        string
	Plan           string
	Start          time.Time
	End            time.Time // zero: open
	Anchor         int       // day of the month, 1 to 31; 0: the plan's cycle decides
	TimeZone       string    // "" inherits the account's
	Quantities     map[string]money.Quantity
	PriceOverrides map[string]money.Amount // price id -> unit (or fixed) price
	// AnchorChanges are later days of the month, in order of time; Anchor holds
	// before the first of them. Registry.HoldAnchors sets them.
	AnchorChanges []AnchorChange
	// QuantityChanges are later numbers of fixed fees by price id, in order of
	// time; Quantities holds before the first of them.
	QuantityChanges map[string][]QuantityChange
	ExternalID      string
	Phase           string
	Labels          map[string]string
}

// Resource is a thing that exists in [Created, Deleted) and is priced for it.
type Resource struct {
	ID           string
	Account      string
	Subscription string // "" : the account's subscription that prices its kind
	Kind         string // matches a price's `resource:`
	SKU          string
	Quantity     money.Quantity
	Created      time.Time
	Deleted      time.Time // zero: still there
	Labels       map[string]string
}

// Registry is who has what: the accounts tree, subscriptions and resources,
// each sorted by id. NewRegistry checks it and leaves out the rows that cannot
// be used.
type Registry struct {
	Accounts      []Account
	Subscriptions []Subscription
	Resources     []Resource
	Funds         Funds // what AddFunds kept

	levels   map[string][]LevelChange // by schedule, in order of time
	voided   map[string][]VoidUsage   // by subscription, sorted
	nodes    map[string]*node
	children map[string][]string  // ids by parent, "" for roots; each sorted
	payments map[string][]Payment // of Funds.Payments, by billing account, oldest first
	levied   map[string][]*Tax    // of Funds.Taxes, by jurisdiction
	counted  map[string]bool      // units of lines that credits may be in
	zones    []*time.Location     // of each subscription; nil when it has no usable one
}
