package jobs

import (
	"fmt"
	"slices"
	"strings"

	"daybook/pricing"
	"daybook/sinks/publish"
)

// A usage file that a day's rollup read and that is gone changes nothing: usage
// that was counted, and perhaps billed, is not taken back because a file was
// deleted or has expired. The day stands as it is, and says so, until the file is
// back, a person withdraws it, or others have taken the place of all of the day's
// files, as compaction does.

const parameterWithdrawn = "withdrawn"

// withdrawals are the requests that name usage files, by the file's key.
func withdrawals(requests []publish.PlacedRequest) map[string][]publish.Input {
	out := map[string][]publish.Input{}
	for _, r := range requests {
		if file := r.Subject[publish.SubjectFile]; r.Kind == publish.RequestWithdraw && file != "" {
			out[file] = append(out[file], r.Input)
		}
	}
	return out
}

// withdrawnFrom returns the withdrawn files that are, or were, among a day's, by
// key, and what is left of its files. A file that was withdrawn counts no more,
// whatever lies under its key by now.
func withdrawnFrom(files []usageFile, last *publish.Plan, withdrawn map[string][]publish.Input) (keys []string, left []usageFile) {
	for _, f := range files {
		if withdrawn[f.object.Key] != nil {
			keys = append(keys, f.object.Key)
		} else {
			left = append(left, f)
		}
	}
	if last != nil {
		for _, p := range last.Pins {
			if withdrawn[p.Key] != nil {
				keys = append(keys, p.Key)
			}
		}
		keys = append(keys, listed(last.Identity, parameterWithdrawn)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys), left
}

// fileChanges says how a day's files differ from those that stand.
type fileChanges struct {
	gone               []string // keys that the standing rollup read, in order
	kept, changed, new int      // files: as they were, another version under the same key, new keys
}

// compareFiles compares a day's files with those that the standing rollup read. Files
// that were left out of it, or are withdrawn, are no matter.
func compareFiles(files []usageFile, last *publish.Plan, withdrawn []string) fileChanges {
	var out fileChanges
	if last == nil {
		return out
	}
	read, without := map[string]publish.Pin{}, map[string]publish.Pin{}
	for _, p := range last.Pins {
		switch {
		case slices.Contains(withdrawn, p.Key):
		case slices.Contains(quarantined(last.Identity), p.Key):
			without[p.Key] = p
		default:
			read[p.Key] = p
		}
	}
	there := map[string]bool{}
	for _, f := range files {
		there[f.object.Key] = true
		now := publish.Pin{Key: f.object.Key, ETag: f.object.ETag, Size: f.object.Size}
		switch p, was := read[f.object.Key]; {
		case !was && without[f.object.Key] == now:
		case !was:
			out.new++
		case p == now:
			out.kept++
		default:
			out.changed++
		}
	}
	for key := range read {
		if !there[key] {
			out.gone = append(out.gone, key)
		}
	}
	slices.Sort(out.gone)
	return out
}

// replaced reports whether other files have taken the place of all that were read.
func (c fileChanges) replaced() bool { return c.new > 0 && c.kept == 0 && c.changed == 0 }

// vanishedError is that a day has to be read, for new usage or to its end, while
// files are gone: without them it would take back what was counted, and its sums
// cannot be told apart by file.
func vanishedError(day pricing.Date, gone []string) error {
	return fmt.Errorf("usage of %s is new or changed, but %s, which its rollup counted, %s gone; restore %s, or withdraw %s for good: `daybook withdraw --file %s --reason TEXT`, and run again. Until then the day stands as it is",
		day, strings.Join(gone, ", "), isAre(gone), itThem(gone), itThem(gone), gone[0])
}

func isAre(keys []string) string {
	if len(keys) == 1 {
		return "is"
	}
	return "are"
}

func itThem(keys []string) string {
	if len(keys) == 1 {
		return "it"
	}
	return "each of them"
}
