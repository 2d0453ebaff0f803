package jobs

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// place is what an object is of its revision, whatever its bytes are.
type place struct{ role, table, partition, stem string }

func placeOf(o publish.Object) place { return place{o.Role, o.Table, o.Partition, stem(o)} }

// compare holds the manifest and the objects that stand against those computed
// again.
func (c *runCheck) compare(ctx context.Context, scratch *publish.Publisher, expected publish.Manifest) error {
	if err := c.compareManifests(expected); err != nil {
		return err
	}
	left := slices.Clone(c.m.Objects)
	names, err := lineNames(ctx, scratch, expected)
	if err != nil {
		return err
	}
	for _, want := range tablesFirst(expected.Objects) {
		at := counterpart(left, want)
		if at < 0 {
			c.fault(c.manifestKey(), "object "+stem(want)+" "+want.Partition+", computed again", want.Key, "nothing")
			continue
		}
		have := left[at]
		left = slices.Delete(left, at, at+1)
		body, err := readExpected(ctx, scratch, want)
		if err != nil {
			return err
		}
		if body == nil || c.bodies[have.Key] == nil || bytes.Equal(body, c.bodies[have.Key]) {
			continue
		}
		c.compareObject(want, have, body, names[want.Key])
	}
	for _, o := range left {
		c.fault(c.manifestKey(), "object "+stem(o)+" "+o.Partition+", computed again", "no such object", o.Key)
	}
	return nil
}

// counterpart finds the object that was computed again: the same one, as those are
// that a supplement names of the revision before, else one in its place, made by
// the same revision.
func counterpart(objects []publish.Object, want publish.Object) int {
	if i := slices.IndexFunc(objects, func(o publish.Object) bool { return o.Key == want.Key }); i >= 0 {
		return i
	}
	_, _, by, _ := publish.MadeBy(want.Key)
	return slices.IndexFunc(objects, func(o publish.Object) bool {
		_, _, revision, _ := publish.MadeBy(o.Key)
		return placeOf(o) == placeOf(want) && revision == by
	})
}

// tablesFirst orders objects by what follows from what: documents are written from
// the rows of tables, events from documents.
func tablesFirst(objects []publish.Object) []publish.Object {
	rank := func(o publish.Object) int {
		return slices.Index([]string{publish.RoleTable, publish.RoleDocuments, publish.RoleEvents}, o.Role)
	}
	out := slices.Clone(objects)
	slices.SortStableFunc(out, func(a, b publish.Object) int { return cmp.Compare(uint(rank(a)), uint(rank(b))) })
	return out
}

// compareManifests compares all members but those that the objects stand for.
func (c *runCheck) compareManifests(expected publish.Manifest) error {
	bare := func(m publish.Manifest) ([]byte, error) {
		m.Objects, m.Inputs, m.Plan = nil, nil, "" // compared by themselves
		events := m.Events
		m.Events = nil
		for _, e := range events {
			e.Pack = "" // a content name
			m.Events = append(m.Events, e)
		}
		return json.Marshal(m)
	}
	want, err := bare(expected)
	if err != nil {
		return err
	}
	have, err := bare(*c.m)
	if err != nil {
		return err
	}
	// The keys and digests of the chain's objects follow from their bytes.
	for _, d := range diffJSON(want, have, "key", "sha256", "size", "trace") {
		c.fault(c.manifestKey(), d.path+", computed again", d.expected, d.found)
	}
	return nil
}

// compareObject says in which rows, lines and members an object differs from
// itself computed again.
func (c *runCheck) compareObject(want, have publish.Object, expected []byte, names []string) {
	body := c.bodies[have.Key]
	before := len(c.out.Faults)
	if t, known := tableNamed(want); known && strings.HasSuffix(want.Key, ".parquet") {
		differences, err := tables.Compare(t, have.Key, expected, body, diffLimit)
		if err != nil {
			return // said where its rows were counted
		}
		for _, d := range differences {
			where := fmt.Sprintf("row %d (%s)", d.Row, d.Where)
			if d.Column != "" {
				where += ", column " + d.Column
			}
			c.fault(have.Key, where+", computed again", orNothing(d.Expected), orNothing(d.Found))
		}
	} else {
		var follows []string // from the documents that the lines are about
		if want.Role == publish.RoleIndex {
			follows = []string{"pack", "offset", "length", "sha256"}
		}
		c.compareLines(have.Key, expected, body, names, follows)
	}
	if len(c.out.Faults) == before && want.Role != publish.RoleIndex {
		c.fault(have.Key, "bytes, computed again", "sha256 "+want.SHA256, "sha256 "+digest(body))
	}
}

// compareLines compares two NDJSON objects line by line.
func (c *runCheck) compareLines(key string, expected, body []byte, names, without []string) {
	want, have := bytes.Split(expected, []byte("\n")), bytes.Split(body, []byte("\n"))
	left := diffLimit
	for n := range max(len(want), len(have)) {
		var a, b []byte
		if n < len(want) {
			a = want[n]
		}
		if n < len(have) {
			b = have[n]
		}
		if bytes.Equal(a, b) {
			continue
		}
		where := fmt.Sprintf("line %d", n+1)
		if n < len(names) {
			where += " (" + names[n] + ")"
		}
		if len(a) == 0 || len(b) == 0 {
			c.fault(key, where+", computed again", orNothing(string(a)), orNothing(string(b)))
			left--
		} else {
			for _, d := range diffJSON(a, b, without...) {
				c.fault(key, where+", "+d.path+", computed again", d.expected, d.found)
				left--
			}
		}
		if left <= 0 {
			return
		}
	}
}

// lineNames says what the lines of the packs are: documents by their paths,
// events by their ids.
func lineNames(ctx context.Context, scratch *publish.Publisher, m publish.Manifest) (map[string][]string, error) {
	names, packs := map[string][]string{}, map[string]string{}
	for _, o := range m.Objects {
		if o.Role == publish.RoleDocuments {
			packs[o.SHA256] = o.Key
		}
	}
	for _, o := range m.Objects {
		if o.Role != publish.RoleIndex {
			continue
		}
		body, err := readExpected(ctx, scratch, o)
		if err != nil {
			return nil, err
		}
		for _, d := range decodeLines[publish.Document](body) {
			names[packs[d.Pack]] = append(names[packs[d.Pack]], "document "+d.Path)
			names[o.Key] = append(names[o.Key], "document "+d.Path)
		}
	}
	for _, e := range m.Events {
		names[e.Pack] = append(names[e.Pack], "event "+e.ID)
	}
	return names, nil
}
