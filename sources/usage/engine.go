// Package usage turns raw usage Parquet into daily rollups: it reads the mapped
// columns, checks every row, attributes it to a subscription and a local day,
// removes duplicates and aggregates. It is the one stage that reads raw usage.
//
// Every row read ends in exactly one count: kept, duplicate, rejected or
// outside, each counted where it is decided. Nothing is dropped and nothing is
// guessed.
package usage

import (
	"context"

	"daybook/pricing"
	"daybook/sources/blob"
)

// Engine computes rollups of several days from a set of files in one pass. Every
// implementation runs the conformance suite of package usagetest and gives
// equal results for equal requests, whatever its concurrency or the order of
// Request.Files.
type Engine interface {
	// Rollup reads the files and calls deliver once for each requested day, in
	// ascending order, from one goroutine. A day is delivered even when it has
	// no rows. An unreadable or changed file is a *FileError (blob.ErrChanged
	// inside when it was overwritten, [ErrDigest] when its bytes are not those
	// that its producer's digest names), and no day that it belongs to is
	// delivered; an error from deliver stops the pass.
	Rollup(ctx context.Context, r Request, deliver func(Day) error) error
}

// Request is one pass.
type Request struct {
	Store       blob.Store
	Days        []pricing.Date // UTC days wanted, ascending
	Files       []File         // any order; results do not depend on it
	Mapping     Mapping
	Meters      []pricing.Meter
	Attribution pricing.Attribution
	Checksums   Checksums
	AsOf        int64 // Unix microseconds; events at or after it are outside
	Workers     int   // 0: GOMAXPROCS
	// Memory is the budget of the pass in bytes, 0 for [DefaultMemory]. Events
	// that do not fit go to files in Temporary, a folder on local disk ("": the
	// system's), which are gone when the pass ends.
	Memory    int64
	Temporary string
	// Progress is called now and then with rows and bytes read so far; may be nil.
	Progress func(rows, bytes int64)

	spare *spare // columns for the days; may be nil
}

// File is one usage file and the requested days it may hold events of.
type File struct {
	Object blob.Object
	Days   []pricing.Date
	// Home is the day whose rollup decides rows without a readable time; they
	// are outside for the file's other days.
	Home pricing.Date
	// Sums are the keys of the checksum files that may hold its digest.
	Sums []string
}

// Day is the outcome of one UTC day.
type Day struct {
	UTCDay   pricing.Date
	Batch    pricing.UsageBatch // sorted by account, subscription, meter, dimensions, day, slot
	Counts   Counts             // of all files together
	Meters   []MeterCounts      // of all files together, sorted by meter id; only meters that had rows
	Files    []FileCounts       // sorted by key; only files that list this day
	Rejected []Rejected         // sorted by file, row group, row
	Keys     []string           // attribution keys seen, sorted, unique, absent ones included: the trace
	Parked   []pricing.Parked   // accounts whose sums overflowed; none of their rows is in Batch
}

// Counts is the reconciliation of a rollup: Read = Kept + Duplicate + Rejected
// + Outside, each counted where it is decided. Rounded rows are among Kept;
// Parked rows were kept but their account's sums overflowed.
type Counts struct {
	Read      int64 `json:"read"`
	Kept      int64 `json:"kept"`
	Duplicate int64 `json:"duplicate"`
	Rejected  int64 `json:"rejected"`
	Outside   int64 `json:"outside"`
	Rounded   int64 `json:"rounded"`
	Parked    int64 `json:"parked"`
}

// MeterCounts is the account of one meter's rows. In rows and in quantities
// Read = Kept + Duplicate + Rejected + Outside, each counted where it is decided.
//
// Meter "" has the rows whose meter is missing or unknown, and those outside: the
// time alone decides them, so that row groups of other days need not be decoded,
// and neither their meter nor their quantity is looked at.
type MeterCounts struct {
	Meter                                    string
	Read, Kept, Duplicate, Rejected, Outside Tally
	Parked                                   Tally // of those kept: their account's sums overflowed
}

// Tally is a number of rows and the exact sum of their quantities, as the meter
// stores them (12 places). A row that its meter takes no quantity of (missing,
// invalid, negative or inexact ones, and a unique meter's missing value) counts 0.
type Tally struct {
	Rows     int64
	Quantity Total
}

// FileCounts is one file's share of a day.
type FileCounts struct {
	Key    string
	Size   int64
	SHA256 string // of the whole object, hex
	Counts Counts
	Meters []MeterCounts // sorted by meter id; only meters that had rows
}

// Rejected is one row that does not fit.
type Rejected struct {
	File          string
	RowGroup, Row int64
	Reason        Reason
	Field, Value  string // usage column and its value, at most 200 characters; "" unknown
	EventID       string // "" unreadable
	Time          int64  // Unix microseconds; 0 unreadable
}

// Reason is why a row is rejected.
type Reason string

// The reasons, as they stand in rejected_usage.
const (
	MissingEventID        Reason = "missing_event_id"
	MissingTime           Reason = "missing_time"
	MissingSubscription   Reason = "missing_subscription"
	MissingMeter          Reason = "missing_meter"
	MissingQuantity       Reason = "missing_quantity"
	InvalidTime           Reason = "invalid_time"
	InvalidQuantity       Reason = "invalid_quantity" // NaN, infinite, more than 38 digits
	InvalidText           Reason = "invalid_text"     // an id or dimension that is not UTF-8 or is over 1,024 bytes
	NegativeQuantity      Reason = "negative_quantity"
	InexactQuantity       Reason = "inexact_quantity" // the meter is exact and the row has more places
	UnknownMeter          Reason = "unknown_meter"
	UnknownSubscription   Reason = "unknown_subscription"
	OutsideSubscription   Reason = "outside_subscription"
	AmbiguousSubscription Reason = "ambiguous_subscription"
	ConflictingEvent      Reason = "conflicting_event"
)

// FileError is a file that cannot be used: unreadable, changed, or without a
// mapped column. It names the file and, where known, row group and column.
type FileError struct {
	File     string
	RowGroup int // -1 unknown
	Column   string
	Err      error
}
