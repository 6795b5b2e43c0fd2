// Package loadgen puts load on a backend with thousands of virtual users, each
// a real protocol session, and tells the truth about what came of it.
//
//	result, err := loadgen.Run(ctx, loadgen.Spec{Workload: loadgen.C2C, Users: 1000, Rate: 500}, loadgen.Options{})
//	fmt.Println(result.Account.Lost, result.Latency["delivered"].P99)
//
// What is done is a Plan, made of a Spec and nothing else: the same seed gives
// the same users, groups, arrivals and messages. The open model starts
// operations on an absolute schedule, whatever became of earlier ones; the
// closed model lets each user think between operations. Latencies count from
// the instant at which an operation should have started, so a stalled server
// cannot hide behind requests that were never made, and a generator that is
// too slow shows in them and says so.
//
// Every message carries who sent it and its number. The Ledger of a process
// holds what was sent and what each receiver got; the Account that is drawn
// from one or several ledgers names each message that was lost, came twice or
// out of order. Several processes may share one fleet (Spec.Segment): their
// results are merged exactly.
package loadgen
