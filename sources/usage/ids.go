package usage

import (
	"context"
	"encoding/hex"

	"daybook/pricing"
	"daybook/sources/blob"
	"daybook/sources/parquet"
)

// IDs reads the event ids of a file and calls each for every row that has an id
// and a time, in the order of the file: the 128-bit hash that events are told
// apart by, the UTC day, and the id's text, which is valid until each returns; of
// ids that are a hash of columns it is that hash in hex. Where rows have no ids
// there are none to read. A file that cannot be used is a *[FileError].
func IDs(ctx context.Context, s blob.Store, o blob.Object, m Mapping, each func(id [2]uint64, day pricing.Date, text []byte)) error {
	fault := func(err error) error { return fileFault(o.Key, -1, "", err) }
	m, err := m.resolved()
	if err != nil || m.EventID.None {
		return err
	}
	body := &ranged{reader: blob.ReaderAt(ctx, s, o), size: o.Size}
	file, err := parquet.Open(o.Key, body, o.Size, parquet.Limits{})
	if err != nil {
		return fault(err)
	}
	from := &source{File: File{Object: o}, file: file, content: body}
	b := &binding{source: from, slots: map[int]int{}, hashed: len(m.EventID.HashOf) > 0}
	if b.time, err = b.bindTime(m.Time); err != nil {
		return err
	}
	if b.eventID, err = b.bindEventID(m.EventID); err != nil {
		return err
	}
	reader := &scanner{binding: b}
	for group := range file.RowGroups() {
		release, err := from.hold(ctx, group, b.columns)
		if err == nil {
			err = file.Scan(ctx, group, b.columns, batchRows, func(batch *parquet.Batch) error {
				reader.batch = batch
				reader.ids(each)
				return nil
			})
			release()
		}
		if err != nil {
			return fileFault(o.Key, group, "", err)
		}
	}
	return nil
}

// ids gives the ids of a batch.
func (s *scanner) ids(each func(id [2]uint64, day pricing.Date, text []byte)) {
	s.readTimes()
	for i := range s.batch.N {
		id, reason := s.identity(i)
		if reason != "" || s.timeFaults != nil && s.timeFaults[i] != "" {
			continue
		}
		var text []byte
		if s.binding.hashed {
			sum := id.Bytes()
			text = hex.AppendEncode(nil, sum[:])
		} else {
			text = s.textOf(&s.binding.eventID[0], i)
		}
		each([2]uint64{id.Hi, id.Lo}, pricing.Date(s.times[i]/microsPerDay), text)
	}
}
