// Package crash marks the places at which a run may die, for the crash sweep of
// cmd/daybook/rigs.
//
// In the shipped binary a mark is nothing: [Around] calls what it is given and
// [Store] returns the store that it was given, and the names of the marks are not
// even in the binary. Built with `-tags crashrig`, every mark is passed twice,
// before and after its effect. Each passing is a point, "dir:link.before KEY", and
//
//	DAYBOOK_CRASH_LOG=FILE   has a line with every point passed
//	DAYBOOK_CRASH_AT=POINT N kills the process (SIGKILL) when it passes POINT the N-th time
package crash
