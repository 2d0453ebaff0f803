package publish

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Input is one file that a run takes, the same on every machine and store.
type Input struct {
	Kind   string `json:"kind"`             // usage, book, registry, rollup or request
	Key    string `json:"key"`              // its name where it came from
	Size   int64  `json:"size"`             // bytes
	SHA256 string `json:"sha256,omitempty"` // hex; "" where only reading tells (raw usage)
}

// Identity is what a run is a function of: equal identities and engines give
// equal bytes. It holds no URL, host, path, store token or clock.
type Identity struct {
	Job         string            `json:"job"`
	Period      string            `json:"period"`
	AsOf        time.Time         `json:"as_of"`
	Parameters  map[string]string `json:"parameters,omitempty"`
	Inputs      []Input           `json:"inputs"`
	Meters      string            `json:"meters,omitempty"`      // digest of the meters in force, of rollups
	Attribution string            `json:"attribution,omitempty"` // digest of the registry's projection, of rollups
}

// Digest returns the sha256, in hex, of the identity's canonical JSON: UTC, with
// parameters by name and inputs by kind and key. Engine and pins are no part of
// it. It is "" for an AsOf outside the years 0 to 9999.
func (id Identity) Digest() string {
	b, err := json.Marshal(id.canonical())
	if err != nil {
		return ""
	}
	return digest(b)
}

// canonical returns the one form of equal identities.
func (id Identity) canonical() Identity {
	id.AsOf = id.AsOf.UTC().Round(0) // without a monotonic reading
	id.Inputs = sortedInputs(id.Inputs)
	return id
}

func sortedInputs(inputs []Input) []Input {
	out := append([]Input{}, inputs...)
	slices.SortFunc(out, func(a, b Input) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.SHA256, b.SHA256), cmp.Compare(a.Size, b.Size))
	})
	return out
}

// check refuses identities that JSON or the keys cannot hold faithfully.
func (id Identity) check() error {
	if id.Job == "" || id.Period == "" {
		return errors.New("it names no job or no period")
	}
	texts := []string{id.Job, id.Period, id.Meters, id.Attribution}
	for _, i := range id.Inputs {
		texts = append(texts, i.Kind, i.Key, i.SHA256)
	}
	for name, value := range id.Parameters {
		texts = append(texts, name, value)
	}
	if !slices.ContainsFunc(texts, func(s string) bool { return !utf8.ValidString(s) }) {
		return nil
	}
	return errors.New("an input's name or a parameter is not valid UTF-8; rename it")
}

// Pin is the version of one input that a run must read, in the store's own
// token. Pins are no part of an identity.
type Pin struct {
	Key  string `json:"key"`
	ETag string `json:"etag"`
	Size int64  `json:"size"` // bytes
}

// Plan is the RunPlan of docs/commit-protocol.md: what one revision computes.
type Plan struct {
	Format   int      `json:"format"`
	Engine   string   `json:"engine"`
	Identity Identity `json:"identity"`
	Pins     []Pin    `json:"pins"`
}

// Matches reports whether pins name the same versions as the plan's, in any
// order.
func (p Plan) Matches(pins []Pin) bool {
	return slices.Equal(sortedPins(p.Pins), sortedPins(pins))
}

func sortedPins(pins []Pin) []Pin {
	out := append([]Pin{}, pins...)
	slices.SortFunc(out, func(a, b Pin) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ETag, b.ETag), cmp.Compare(a.Size, b.Size))
	})
	return out
}

// parsePlan reads the plan file of one revision.
func parsePlan(body []byte, job, period string) (Plan, error) {
	var p Plan
	if err := decodeChecked(body, &p); err != nil {
		return Plan{}, err
	}
	switch {
	case p.Format != format:
		return Plan{}, fmt.Errorf("its format is %d and this program writes %d; use the version that wrote it", p.Format, format)
	case p.Identity.Job != job || p.Identity.Period != period:
		return Plan{}, fmt.Errorf("%w: it belongs to %s %s", ErrDamaged, p.Identity.Job, p.Identity.Period)
	}
	return p, nil
}

// digest is the sha256 of b in hex.
func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
