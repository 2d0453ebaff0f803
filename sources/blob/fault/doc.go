// Package fault is a [blob.Store] that fails as told, for tests of everything
// that must survive a failing store (docs/commit-protocol.md, "Faults to
// survive"). It counts and remembers every call.
//
// A script is a list of rules, separated by semicolons or line ends; "#" begins
// a comment:
//
//	put 3 lost                          the third put is done, its answer lost
//	list 1 error transient              the first list fails before it begins
//	stat * error denied                 every stat fails
//	put 2+ of manifest.json error full  every put of such a key but the first
//	any 7 stop                          the program dies before call 7
//
// A rule is: operation, which calls, optionally "of" and a text that the key
// must contain, fault. The operation is stat, read, list, put, delete or any.
// Which calls is a number from 1 that counts the calls the rule is about, a
// number and "+" for that and all later ones, or "*" for all. The first rule
// that fits a call decides it. The faults:
//
//	error KIND   fail before any effect; KIND is transient, denied, notfound,
//	             exists, changed, nobucket or full
//	lost         take effect, then fail with blob.ErrTransient; a list breaks
//	             after its first object
//	short        a read fills half of the buffer and fails with
//	             io.ErrUnexpectedEOF; elsewhere the same as lost
//	corrupt      a read flips one bit and reports success; a put stores a body
//	             with one bit flipped; elsewhere no fault
//	hang         wait until the context ends, then fail with its error
//	stop         call Options.Stop before any effect
//	stop-after   call Options.Stop after the effect
package fault
