package parquet

import "encoding/binary"

// fillTexts keeps dictionary indices as long as all pages of the batch have
// them. The first other page turns the batch to the arena form; plain says
// whether that has happened. A batch of one page of plain texts, which is most
// of them where texts differ, is that page: nothing is copied.
func (c *column) fillTexts(row, k, present int, plain bool) (bool, error) {
	s := &c.values
	if s.form == formIndex {
		dst := c.index[row : row+k]
		if err := s.indices(dst[:present], c.dict.entries); err != nil {
			return plain, err
		}
		if plain {
			return plain, c.copyTexts(row, k, present)
		}
		spread(dst, c.validRows(row, k), present)
		return plain, nil
	}
	if !plain {
		if err := c.leaveDictionary(row); err != nil {
			return true, err
		}
	}
	var err error
	if s.form != formPrefixed {
		err = c.copyValues(row, present)
	} else if whole := len(c.offsets) == k+1; whole && c.codec != codecNone { // a window moves on
		c.offsets[0], c.shared = s.at, s.b
		err = s.cut(c.offsets[:present+1])
	} else {
		err = c.copyPrefixed(row, present)
	}
	c.spreadOffsets(row, k, present)
	return true, err
}

// cut finds the ends of the next texts of a page: ends[0] is where the first
// one's length stands, and each text ends where the next one's does.
func (s *source) cut(ends []int) error {
	b, at := s.b, s.at
	for i := 1; i < len(ends); i++ {
		if len(b)-at < TextGap {
			return corrupt("a page has fewer values than it says")
		}
		n := binary.LittleEndian.Uint32(b[at:])
		at += TextGap
		if uint64(n) > uint64(len(b)-at) {
			return corrupt("a value is longer than its page")
		}
		at += int(n)
		ends[i] = at
	}
	s.at = at
	return nil
}

// copyPrefixed copies a page's texts with their lengths, all at once.
func (c *column) copyPrefixed(row, present int) error {
	s, ends := &c.values, c.offsets[row:row+present+1]
	start, base := s.at, ends[0]
	ends[0] = start
	if err := s.cut(ends); err != nil {
		return err
	}
	if base+s.at-start > maxBatchBytes {
		return errBatchBytes
	}
	c.arena = append(c.arena, s.b[start:s.at]...)
	for i := range ends {
		ends[i] += base - start
	}
	return nil
}

// copyValues copies texts that stand without their lengths.
func (c *column) copyValues(row, present int) error {
	for i := range present {
		text, err := c.values.text()
		if err != nil {
			return err
		}
		if err := c.copyText(row+i, text); err != nil {
			return err
		}
	}
	return nil
}

// leaveDictionary copies the first rows of the batch from the dictionary.
func (c *column) leaveDictionary(rows int) error {
	valid := c.validRows(0, rows)
	for i, k := range c.index[:rows] {
		if valid != nil && !valid[i] {
			c.offsets[i+1] = len(c.arena)
			continue
		}
		if err := c.copyText(i, c.dict.texts[k]); err != nil {
			return err
		}
	}
	return nil
}

// copyTexts copies rows of a dictionary page, whose indices have just been read,
// to a batch in arena form.
func (c *column) copyTexts(row, k, present int) error {
	for i := range present {
		if err := c.copyText(row+i, c.dict.texts[c.index[row+i]]); err != nil {
			return err
		}
	}
	c.spreadOffsets(row, k, present)
	return nil
}

// copyText appends row's text to the arena, behind room for its length, which
// nobody reads.
func (c *column) copyText(row int, text []byte) error {
	if len(c.arena)+TextGap+len(text) > maxBatchBytes {
		return errBatchBytes
	}
	c.arena = append(c.arena, 0, 0, 0, 0)
	c.arena = append(c.arena, text...)
	c.offsets[row+1] = len(c.arena)
	return nil
}

// spreadOffsets is spread for the ends of texts: a null ends where the row
// before it does.
func (c *column) spreadOffsets(row, k, present int) {
	if present == k {
		return
	}
	ends, valid := c.offsets[row:row+k+1], c.validRows(row, k)
	for i := k - 1; i >= 0; i-- {
		ends[i+1] = ends[present]
		if valid[i] {
			present--
		}
	}
}
