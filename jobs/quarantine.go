package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
)

const parameterQuarantine = "quarantine"

// leftOut lists the files to publish a day without, sorted: those asked for that
// are the day's, or else those that the revision that stands left out and nobody
// has replaced since.
func leftOut(last *publish.Plan, files []usageFile, o RunOptions) []string {
	var before []string
	if last != nil {
		before = quarantined(last.Identity)
	}
	var out []string
	for _, f := range files {
		key := f.object.Key
		asked := slices.Contains(o.Quarantine, key)
		if len(o.Quarantine) == 0 {
			asked = slices.Contains(before, key) && slices.Contains(last.Pins, publish.Pin{Key: key, ETag: f.object.ETag, Size: f.object.Size})
		}
		if asked {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// quarantined lists the files that a plan leaves out.
func quarantined(id publish.Identity) []string {
	return listed(id, parameterQuarantine)
}

// listed returns the keys that a parameter lists.
func listed(id publish.Identity, parameter string) []string {
	if id.Parameters[parameter] == "" {
		return nil
	}
	return strings.Split(id.Parameters[parameter], "\n")
}

// checkQuarantine refuses, before anything is planned, a file to be left out
// that none of the days has: most likely a slip of the pen.
func (l *listing) checkQuarantine(ctx context.Context, days []pricing.Date, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	found := map[string]bool{}
	for _, d := range days {
		files, err := l.day(ctx, d)
		if err != nil {
			return err
		}
		for _, f := range files {
			found[f.object.Key] = true
		}
	}
	for _, key := range keys {
		if !found[key] {
			return fmt.Errorf("quarantine %q: %w; write it as it stands under the usage prefix, as in dt=2026-10-05/part-0.parquet", key, ErrNoUsageFile)
		}
	}
	return nil
}
