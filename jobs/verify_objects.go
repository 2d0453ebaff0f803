package jobs

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing/columns"
	"daybook/sinks/publish"
	"daybook/sinks/tables"
)

// checkObjects reads every object that the manifest names, and what its chain
// names beside them, and checks its name, digest, size and rows.
func (c *runCheck) checkObjects(ctx context.Context) error {
	c.bodies = map[string][]byte{}
	if c.m == nil {
		return nil
	}
	objects := slices.Clone(c.m.Objects)
	if ch := c.m.Chain; ch != nil {
		for _, o := range []*publish.Object{ch.Coverage, ch.Issued, ch.Posted} {
			if o != nil && !slices.Contains(objects, *o) {
				objects = append(objects, *o)
			}
		}
	}
	for _, o := range objects {
		if !strings.Contains(o.Key, "."+o.SHA256+".") {
			c.fault(c.manifestKey(), "key of object "+o.Key, "its sha256, "+o.SHA256, "another name")
		}
		body, err := c.digested(ctx, o.Key, "", o.SHA256, o.Size)
		if err != nil {
			return err
		}
		if body == nil {
			continue
		}
		c.bodies[o.Key] = body
		c.out.Objects++
		c.checkRows(o, body)
	}
	return nil
}

func (c *runCheck) checkRows(o publish.Object, body []byte) {
	rows := int64(bytes.Count(body, []byte("\n")))
	if o.Role == publish.RoleTable || strings.HasSuffix(o.Key, ".parquet") {
		t, known := tableNamed(o)
		if !known {
			c.unproven("%s is of no table that this version knows", o.Key)
			return
		}
		var err error
		if rows, err = tables.Rows(t, o.Key, body); err != nil {
			c.fault(o.Key, "", "a table that can be read", err.Error())
			return
		}
	}
	if rows != o.Rows {
		c.fault(o.Key, "rows, against the manifest", fmt.Sprint(o.Rows), fmt.Sprint(rows))
	}
}

// tableNamed returns the contract of the table that an object is of.
func tableNamed(o publish.Object) (columns.Table, bool) {
	name := o.Table
	if name == "" {
		name = stem(o)
	}
	i := slices.IndexFunc(columns.Tables, func(t columns.Table) bool { return t.Name == name })
	if i < 0 {
		return columns.Table{}, false
	}
	return columns.Tables[i], true
}

// stem is an object's name without its digest and its folder.
func stem(o publish.Object) string {
	name := o.Key[strings.LastIndexByte(o.Key, '/')+1:]
	name, _, _ = strings.Cut(name, ".")
	return name
}

// table returns the bytes of a table of the revision, as found.
func (c *runCheck) table(name string) (key string, body []byte) {
	for _, o := range c.m.Objects {
		if o.Role == publish.RoleTable && o.Table == name {
			return o.Key, c.bodies[o.Key]
		}
	}
	return "", nil
}

// compareTotals holds totals that were summed again against the manifest's.
func (c *runCheck) compareTotals(sums map[string]string) {
	for _, name := range sortedNames(sums, c.m.Totals) {
		if sums[name] != c.m.Totals[name] {
			c.fault(c.manifestKey(), "totals."+name+", against the sum of the rows", orNothing(sums[name]), orNothing(c.m.Totals[name]))
		}
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func sortedNames(maps ...map[string]string) []string {
	var names []string
	for _, m := range maps {
		for name := range m {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
