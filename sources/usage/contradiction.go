package usage

import "fmt"

// contradiction refuses a row group whose decoded times lie beyond what its
// statistics claim. One of the two is wrong, and nobody knows which: a flat
// layout chooses a file's days by the statistics, so rows beyond them would be
// billed on no day; and a damaged page or footer often shows nowhere else.
func (s *scanner) contradiction() error {
	c := &s.binding.time
	if c.constant() || s.binding.unit == timeText {
		return nil
	}
	source, group := s.task.source, s.task.group
	least, greatest, known := source.file.IntStats(group, source.binding.columns[source.binding.time.slot])
	if !known {
		return nil
	}
	v := &s.batch.Cols[c.slot]
	for i := range s.batch.N {
		if t := v.Ints[i]; (t < least || t > greatest) && !v.IsNull(i) {
			return &FileError{File: source.Object.Key, RowGroup: group, Column: c.name, Err: fmt.Errorf(
				"row %d has time %d, but the file's statistics say that all lie from %d to %d (in the column's unit): the file contradicts itself, so neither is believed; write it again",
				s.batch.Row+int64(i), t, least, greatest)}
		}
	}
	return nil
}
