package jobs

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/documents"
	"daybook/sinks/publish"
	"daybook/sources/blob"
)

// costIndex finds a day's cost documents by billing account. A server keeps one for
// each day that it has answered of, so it holds little more than what differs
// between documents: some 80 bytes each.
type costIndex struct {
	day   pricing.Date
	packs []blob.Object
	at    []costPlace // by account
}

type costPlace struct {
	account        string
	pack           int // of packs
	offset, length int64
	sum            [32]byte
}

// costPlaceBytes is what a document takes in memory, about.
const costPlaceBytes = 96

// find returns where the document of an account stands.
func (x *costIndex) find(account string) (placedDocument, bool) {
	i, found := slices.BinarySearchFunc(x.at, account, func(p costPlace, account string) int { return strings.Compare(p.account, account) })
	if !found {
		return placedDocument{}, false
	}
	p := x.at[i]
	pack := x.packs[p.pack]
	return placedDocument{pack, publish.Document{
		Path: documents.CostsPath(blob.EscapeID(account), x.day), Offset: p.offset, Length: p.length, SHA256: hex.EncodeToString(p.sum[:]),
	}}, true
}

// add notes a document; one that is no cost document of the day is passed over.
func (x *costIndex) add(d placedDocument) error {
	segments := strings.Split(d.document.Path, "/")
	if len(segments) != 4 || segments[0] != "costs" {
		return nil
	}
	account, err := blob.UnescapeID(segments[1])
	if err != nil || documents.CostsPath(segments[1], x.day) != d.document.Path {
		return nil
	}
	p := costPlace{account: strings.Clone(account), offset: d.document.Offset, length: d.document.Length}
	sum, err := hex.DecodeString(d.document.SHA256)
	if err != nil || len(sum) != len(p.sum) {
		return fmt.Errorf("document %s: %w: %q is no sha256", d.document.Path, publish.ErrDamaged, d.document.SHA256)
	}
	copy(p.sum[:], sum)
	if p.pack = len(x.packs) - 1; p.pack < 0 || x.packs[p.pack].Key != d.pack.Key {
		x.packs = append(x.packs, d.pack)
		p.pack++
	}
	x.at = append(x.at, p)
	return nil
}

func (x *costIndex) sort() {
	slices.SortFunc(x.at, func(a, b costPlace) int { return strings.Compare(a.account, b.account) })
}

// costIndex reads the index of a day's revision, once.
func (f *facts) costIndex(ctx context.Context, m *publish.Manifest, d pricing.Date) (*costIndex, error) {
	return f.kept.indexes.get(fmt.Sprintf("%s %d", m.Period, m.Revision), func() (*costIndex, int64, error) {
		placed, err := f.p.placed(ctx, m)
		if err != nil {
			return nil, 0, err
		}
		x := &costIndex{day: d, at: make([]costPlace, 0, len(placed))}
		for _, one := range placed {
			if err := x.add(one); err != nil {
				return nil, 0, err
			}
		}
		x.sort()
		return x, int64(len(x.at)) * costPlaceBytes, nil
	})
}
