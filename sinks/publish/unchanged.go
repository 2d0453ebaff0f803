package publish

import (
	"maps"
	"slices"
)

// Two revisions have equal results when readers could not tell them apart: the
// same tables, documents and chain, and the same kinds of events about the same
// subjects. Event bodies carry their revision and a trace is working memory, so
// neither makes a difference.

// content names an object's bytes and place, whichever revision stored it.
type content struct {
	role, table, partition, sum string
	rows                        int64
}

func contentOf(o Object) content {
	return content{role: o.Role, table: o.Table, partition: o.Partition, sum: o.SHA256, rows: o.Rows}
}

type eventKind struct{ typ, subject, format string }

func equalResults(a, b Manifest) bool {
	return maps.Equal(contents(a), contents(b)) && maps.Equal(eventKinds(a), eventKinds(b)) && equalChains(a.Chain, b.Chain)
}

func contents(m Manifest) map[content]int {
	set := map[content]int{}
	for _, o := range m.Objects {
		if o.Role != RoleEvents && o.Role != RoleTrace {
			set[contentOf(o)]++
		}
	}
	return set
}

func eventKinds(m Manifest) map[eventKind]int {
	set := map[eventKind]int{}
	for _, e := range m.Events {
		set[eventKind{e.Type, e.Subject, e.Format}]++
	}
	return set
}

func equalChains(a, b *Chain) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Predecessor == b.Predecessor && maps.Equal(a.Numbers, b.Numbers) &&
		equalObjects(a.Coverage, b.Coverage) && equalObjects(a.Issued, b.Issued) && equalObjects(a.Posted, b.Posted)
}

func equalObjects(a, b *Object) bool {
	if a == nil || b == nil {
		return a == b
	}
	return contentOf(*a) == contentOf(*b)
}

// unchanged turns m into the verdict that it equals before. It names the objects
// of before where they are equal, so that garbage collection may have the copies,
// and it has no events: those of before were about the same things.
func unchanged(m, before Manifest) Manifest {
	stands := map[content]Object{}
	for _, o := range before.Objects {
		stands[contentOf(o)] = o
	}
	m.Verdict, m.Events, m.Chain = Unchanged, nil, before.Chain
	m.Objects = slices.DeleteFunc(slices.Clone(m.Objects), func(o Object) bool { return o.Role == RoleEvents })
	for i, o := range m.Objects {
		if s, ok := stands[contentOf(o)]; ok {
			m.Objects[i] = s
		}
	}
	m.Objects = sortedObjects(m.Objects)
	return m
}
