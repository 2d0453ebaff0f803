package parquet

// maxBatchBytes bounds the strings of one column in one batch: a tiny page can
// name the same long dictionary entry again and again.
const maxBatchBytes = 1 << 30

var errBatchBytes = corruptf("a batch has more than %d bytes of text", maxBatchBytes)

// fill decodes the next n rows into v.
func (c *column) fill(v *Vector, n int) error {
	c.begin(n)
	nulls, plainTexts := 0, false
	c.shared = nil
	for row := 0; row < n; {
		if c.left == 0 {
			if err := c.nextPage(); err != nil {
				return err
			}
		}
		k := min(n-row, c.left)
		present := k
		if c.field.Nullable {
			var err error
			if present, err = c.levels.present(c.valid[row:row+k], uint32(c.field.depth)); err != nil {
				return err
			}
			nulls += k - present
		}
		var err error
		switch c.to {
		case toInts:
			err = c.fillInts(row, k, present)
		case toDoubles:
			err = c.fillDoubles(row, k, present)
		case toWides:
			err = c.fillWides(row, k, present)
		case toTexts:
			plainTexts, err = c.fillTexts(row, k, present, plainTexts)
		}
		if err != nil {
			return err
		}
		c.left -= k
		row += k
	}
	c.show(v, n, nulls, plainTexts)
	return nil
}

// begin makes room for n rows.
func (c *column) begin(n int) {
	if c.field.Nullable {
		c.valid = grown(c.valid, n)
	}
	switch c.to {
	case toInts:
		c.ints = grown(c.ints, n)
	case toDoubles:
		c.doubles = grown(c.doubles, n)
	case toWides:
		c.wides = grown(c.wides, n)
	case toTexts:
		c.index = grown(c.index, n)
		c.offsets = grown(c.offsets, n+1)
		c.offsets[0] = 0
		c.arena = c.arena[:0]
	}
}

// show puts what fill has decoded into v.
func (c *column) show(v *Vector, n, nulls int, plainTexts bool) {
	*v = Vector{Field: *c.field}
	if nulls > 0 {
		v.Valid = c.valid[:n]
	}
	switch {
	case c.to == toInts:
		v.Ints = c.ints[:n]
	case c.to == toDoubles:
		v.Doubles = c.doubles[:n]
	case c.to == toWides:
		v.Wides = c.wides[:n]
	case c.shared != nil:
		v.Offsets, v.Arena = c.offsets[:n+1], c.shared
	case plainTexts:
		v.Offsets, v.Arena = c.offsets[:n+1], c.arena
	default:
		v.Dict, v.Index, v.DictID = c.dict.texts, c.index[:n], 1
	}
}

// spread moves the first present values of dst to the rows that are not null
// and puts zero elsewhere.
func spread[T any](dst []T, valid []bool, present int) {
	if present == len(dst) {
		return
	}
	var zero T
	for i := len(dst) - 1; i >= 0; i-- {
		if valid[i] {
			present--
			dst[i] = dst[present]
		} else {
			dst[i] = zero
		}
	}
}

// gather reads len(dst) dictionary indices and puts their entries into dst.
func gather[T any](c *column, dst, entries []T) error {
	s := &c.values
	for len(dst) > 0 {
		n := min(len(dst), len(s.small))
		if err := s.indices(s.small[:n], c.dict.entries); err != nil {
			return err
		}
		for i, k := range s.small[:n] {
			dst[i] = entries[k]
		}
		dst = dst[n:]
	}
	return nil
}

func (c *column) validRows(row, k int) []bool {
	if !c.field.Nullable {
		return nil
	}
	return c.valid[row : row+k]
}

func (c *column) fillInts(row, k, present int) error {
	dst := c.ints[row : row+k]
	var err error
	if c.values.form == formIndex {
		err = gather(c, dst[:present], c.dict.ints)
	} else {
		err = c.values.ints(dst[:present], c.field.Kind)
	}
	spread(dst, c.validRows(row, k), present)
	return err
}

func (c *column) fillDoubles(row, k, present int) error {
	dst := c.doubles[row : row+k]
	var err error
	if c.values.form == formIndex {
		err = gather(c, dst[:present], c.dict.doubles)
	} else {
		err = c.values.doubles(dst[:present], c.field.Kind)
	}
	spread(dst, c.validRows(row, k), present)
	return err
}

func (c *column) fillWides(row, k, present int) error {
	dst := c.wides[row : row+k]
	var err error
	if c.values.form == formIndex {
		err = gather(c, dst[:present], c.dict.wides)
	} else {
		err = c.values.wides(dst[:present])
	}
	spread(dst, c.validRows(row, k), present)
	return err
}
