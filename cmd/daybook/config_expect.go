package main

import (
	"fmt"
	"strings"
	"time"

	"daybook/jobs"
	"daybook/sources/blob"
)

// mostFilesPerDay is more than any day has.
const mostFilesPerDay = 1_000_000

// checkExpect reads what a month's usage must have before it is closed.
func (c *config) checkExpect() error {
	e := c.file.Closing.Expect
	out := jobs.Expect{Marker: e.Marker, FilesPerDay: e.FilesPerDay}
	if e.Marker != "" {
		if err := c.checkMarker(e.Marker); err != nil {
			return err
		}
	}
	if e.FilesPerDay < 0 || e.FilesPerDay > mostFilesPerDay {
		return fmt.Errorf("closing.expect.files_per_day: %d; write how many usage files each day has at least, such as 24", e.FilesPerDay)
	}
	if e.MinAge != "" {
		age, err := time.ParseDuration(e.MinAge)
		if err != nil || age <= 0 || age > 40*24*time.Hour {
			return fmt.Errorf("closing.expect.min_age: %q; write hours such as 6h", e.MinAge)
		}
		out.MinAge = age
	}
	c.settings.Expect = out
	return nil
}

func (c *config) checkMarker(marker string) error {
	name := strings.ReplaceAll(marker, jobs.MarkerDay, "2026-10-01")
	switch {
	case strings.ContainsAny(name, "{}/") || blob.ValidKey(name) != nil:
		return fmt.Errorf("closing.expect.marker: %q; write the name of an object, such as _SUCCESS; {day} stands for the day", marker)
	case !strings.HasPrefix(name, "_") && !strings.HasPrefix(name, "."):
		return fmt.Errorf("closing.expect.marker: %q; let its name begin with _ or a dot, as in _SUCCESS: other objects are read as usage", marker)
	case c.file.Usage.Layout.Partition == "" && !strings.Contains(marker, jobs.MarkerDay):
		return fmt.Errorf("closing.expect.marker: %q says nothing of a day where files lie in no partitions; write the day into the name, as in _SUCCESS-{day}", marker)
	}
	return nil
}
