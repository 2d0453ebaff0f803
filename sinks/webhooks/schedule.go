package webhooks

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// pauses are the waits before each attempt at one event, the first one at once
// (docs/commit-protocol.md, "Webhooks"): ten attempts over a little more than
// three days.
var pauses = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// computeStacksPauses are those that ComputeStacks documents: tried again after a
// minute, then after a quarter of an hour, then every hour, five times in all.
var computeStacksPauses = []time.Duration{0, time.Minute, 15 * time.Minute, time.Hour, time.Hour, time.Hour}

// Attempts is how often the endpoint is sent one event before it is dead.
func (e Endpoint) Attempts() int {
	if e.Style == StyleComputeStacks {
		return len(computeStacksPauses)
	}
	return len(pauses)
}

// Pause is the wait before the next attempt at one event at the endpoint, as [Pause];
// ComputeStacks' are what it documents, to the second.
func (e Endpoint) Pause(failed int, of string) (time.Duration, bool) {
	if e.Style != StyleComputeStacks {
		return Pause(failed, of)
	}
	if failed < 0 || failed >= len(computeStacksPauses) {
		return 0, false
	}
	return computeStacksPauses[failed], true
}

// Pause returns the wait after so many failed attempts, up to a tenth more or
// less than the schedule has, and false once there is no further attempt. The
// jitter is a function of of, which names what is tried: it spreads events that
// failed together and needs no randomness.
func Pause(failed int, of string) (time.Duration, bool) {
	if failed < 0 || failed >= len(pauses) {
		return 0, false
	}
	base := pauses[failed]
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(of), uint64(failed)))
	const steps = 1 << 16
	step := time.Duration(binary.BigEndian.Uint16(sum[:]))
	return base - base/10 + base/5*step/steps, true
}
