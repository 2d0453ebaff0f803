package usage

import "fmt"

// contradiction refuses a batch in which a whole number lies beyond what the
// statistics of its row group claim. One of the two is wrong, and nobody knows
// which: a flat layout chooses a file's days by its times' statistics, so rows
// beyond them would be billed on no day; and a damaged page or footer often
// shows nowhere else. columns are those of the batch.
func (s *scanner) contradiction(columns []int) error {
	source, group := s.task.source, s.task.group
	for slot, column := range columns {
		least, greatest, known := source.file.IntStats(group, column)
		v := &s.batch.Cols[slot]
		if !known || v.Ints == nil {
			continue
		}
		for i := range s.batch.N {
			n := v.Ints[i]
			if n >= least && n <= greatest || v.IsNull(i) {
				continue
			}
			name := source.file.Fields()[column].Name
			return &FileError{File: source.Object.Key, RowGroup: group, Column: name, Err: fmt.Errorf(
				"row %d has %d, but the statistics say that all lie from %d to %d (times in the column's unit): the file contradicts itself, so neither is believed; write it again",
				s.batch.Row+int64(i), n, least, greatest)}
		}
	}
	return nil
}
