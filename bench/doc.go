// Package bench measures imsim against baselines that stand beside it: a raw
// gorilla relay, the usual gorilla handler, raw sockets. Figures of one
// machine and one moment say little; a ratio of two runs in turn says much, so
// every figure is a ratio.
//
//	go run ./bench/figures          # the table: figure, ours, baseline, ratio, goal, floor
//	go test -bench . ./bench        # single operations: login, a message, an idle user
//
// The load generator (Run) is one piece of code with two dialects, imsim's
// and the relay's. It counts every message: a run in which one was lost,
// doubled or out of order has no figure.
package bench
