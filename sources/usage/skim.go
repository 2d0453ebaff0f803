package usage

import "context"

// farAway reports whether the statistics promise that no time of the row group
// lies in a day of its file.
func (t *task) farAway() bool {
	b := t.source.binding
	if b.time.constant() || b.unit == timeText {
		return false
	}
	least, greatest, ok := t.source.file.IntStats(t.group, b.columns[b.time.slot])
	if !ok {
		return false
	}
	from, valid := b.unit.instant(least)
	to, alsoValid := b.unit.instant(greatest)
	if !valid || !alsoValid {
		return false
	}
	for _, d := range t.source.Days {
		if from < int64(d+1)*microsPerDay && to >= int64(d)*microsPerDay {
			return false
		}
	}
	return true
}

// skim reads the times alone and returns whether all rows are outside, as the
// statistics say: they spare decoding but are never trusted with a row.
func (s *scanner) skim(ctx context.Context) (done bool, err error) {
	time := s.binding.time
	defer func() { s.binding = s.task.source.binding }()
	alone := *s.binding
	alone.time.slot = 0
	s.binding = &alone
	done = true
	err = s.each(ctx, []int{s.task.source.binding.columns[time.slot]}, func() error {
		s.readTimes()
		for i := range s.batch.N {
			if s.timeFaults != nil && s.timeFaults[i] != "" || s.dayOf(s.times[i]) >= 0 {
				done = false
			}
			s.nowhere++
		}
		return nil
	})
	if err == nil && done {
		err = s.settle()
	}
	return done, err
}
