// Package wirecheck holds traced frames against the rules of the wire, and
// says which side broke them. It shares no code with the backend nor with the
// client: it is the third party that tells, when a case fails, whether the
// port under test, the backend or neither is to blame.
//
//	found := wirecheck.Check(frames) // lines of GET /_imsim/trace
//	fmt.Println(wirecheck.VerdictOf(found))
package wirecheck
