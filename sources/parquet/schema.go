package parquet

import "fmt"

// Physical types of parquet.thrift.
const (
	physicalBool   = 0
	physicalInt32  = 1
	physicalInt64  = 2
	physicalInt96  = 3
	physicalFloat  = 4
	physicalDouble = 5
	physicalBytes  = 6
	physicalFixed  = 7
)

// maxSchemaDepth bounds the walk over nested groups.
const maxSchemaDepth = 64

// leafFields lists a schema's leaf columns. The elements are the tree in
// depth-first order, each group with its number of children.
func leafFields(elements []element) ([]Field, error) {
	if len(elements) == 0 {
		return nil, corrupt("the schema is empty")
	}
	if elements[0].physical >= 0 {
		return nil, corrupt("the schema has no root group")
	}
	var fields []Field
	next := 1
	var walk func(children int32, path string, depth int, around group) error
	walk = func(children int32, path string, depth int, around group) error {
		if depth > maxSchemaDepth {
			return corrupt("the schema is nested too deeply")
		}
		for range children {
			if next >= len(elements) {
				return corrupt("the schema has fewer columns than its groups say")
			}
			e := elements[next]
			next++
			name := e.name
			if depth > 0 {
				name = path + "." + name
			}
			if e.physical < 0 {
				if err := walk(e.children, name, depth+1, around.with(e)); err != nil {
					return err
				}
				continue
			}
			if e.children > 0 {
				return corruptf("column %q is a leaf with children", name)
			}
			f := leafField(e)
			f.Name = name
			f.Nullable = f.Nullable || around.optional > 0
			f.depth = around.with(e).optional
			if around.many {
				f.Unsupported = "it is in a list or map; only columns with one value a row can be read"
			}
			fields = append(fields, f)
		}
		return nil
	}
	if err := walk(elements[0].children, "", 0, group{}); err != nil {
		return nil, err
	}
	if next != len(elements) {
		return nil, corrupt("the schema has more columns than its groups say")
	}
	refuseTwins(fields)
	return fields, nil
}

// group is what the groups around a column mean for it.
type group struct {
	optional uint8 // of them can be null
	many     bool  // one of them is a list or map
}

// with is g with e's own repetition, inside it.
func (g group) with(e element) group {
	switch e.repetition {
	case 0:
	case 1:
		g.optional++
	default:
		g.many = true
	}
	return g
}

// refuseTwins makes columns of the same name unreadable: which of them a
// mapping means cannot be known.
func refuseTwins(fields []Field) {
	first := map[string]int{}
	for i := range fields {
		j, twice := first[fields[i].Name]
		if !twice {
			first[fields[i].Name] = i
			continue
		}
		const reason = "the file has several columns of this name"
		fields[i].Unsupported, fields[j].Unsupported = reason, reason
	}
}

// leafField is the Field of a leaf, without its path.
func leafField(e element) Field {
	f := Field{Name: e.name, Nullable: e.repetition == 1, Length: int(e.length)}
	kinds := [...]Kind{
		KindBool, KindInt32, KindInt64, KindInt96,
		KindFloat, KindDouble, KindString, KindFixedBytes,
	}
	if int(e.physical) >= len(kinds) {
		f.Unsupported = fmt.Sprintf("its physical type %d is not known", e.physical)
		return f
	}
	f.Kind = kinds[e.physical]
	switch {
	case e.repetition == 2:
		f.Unsupported = "it is repeated; only columns with one value a row can be read"
	case e.repetition < 0 || e.repetition > 2:
		f.Unsupported = fmt.Sprintf("its repetition %d is not known", e.repetition)
	case f.Kind == KindFixedBytes && (e.length <= 0 || e.length > 1<<20):
		f.Unsupported = fmt.Sprintf("its fixed length is %d bytes", e.length)
	case f.Kind == KindInt96:
		f.Logical, f.UTCAdjusted = LogicalTimestampMicros, true
	case e.logical.id != 0:
		f.meaning(e.logical)
	case e.converted >= 0:
		f.oldMeaning(e)
	}
	if f.Kind != KindFixedBytes {
		f.Length = 0
	}
	return f
}
