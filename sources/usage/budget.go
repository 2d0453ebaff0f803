package usage

// DefaultMemory is the budget of a request that names none, in bytes.
const DefaultMemory = 2 << 30

// budget is how the memory of a pass is shared out, in bytes. A half is for
// what is held on purpose; the other is for the groups and the result of the day
// that is closed, for decoding, and for garbage that has not been collected yet.
type budget struct {
	memory int64 // all of it
	files  int64 // that are in memory at once
	whole  int64 // the largest file that is fetched whole
	events int64 // of the open days, all together; beyond it they are spilled
	kept   int64 // events of the day that is closed which are to be billed; the same

	prepared int64 // of the results of days that are made into something at once
}

func newBudget(memory int64) budget {
	if memory <= 0 {
		memory = DefaultMemory
	}
	return budget{memory: memory, files: memory / 8, whole: min(wholeFile, memory/8), events: memory / 4, kept: memory / 8, prepared: memory / 8}
}
