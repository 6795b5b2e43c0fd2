// Command figures prints imsim's performance figures beside their baselines,
// all taken on this machine now.
//
//	go run ./bench/figures -only 1,2 -rounds 3 -time 2s
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/imsim/imsim/bench"
)

func main() {
	bench.Child()
	only := flag.String("only", "", "numbers of the figures to take, by comma; default all")
	rounds := flag.Int("rounds", 3, "measurements of each side, in turn; the best counts")
	length := flag.Duration("time", 2*time.Second, "length of one measurement of a rate")
	k6 := flag.String("k6", "", "a k6, to measure its WebSocket users as the baseline of figures 5 and 6")
	flag.Parse()
	if quick() {
		*rounds, *length = 1, 200*time.Millisecond
	}
	if flag.NArg() > 0 || *rounds < 1 || *length <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	below, err := table(ctx, *only, *k6, *rounds, *length)
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
	if below && !quick() {
		os.Exit(1)
	}
}

// quick tells that the command is tested, not the speed.
func quick() bool { return os.Getenv("IMSIM_BENCH_QUICK") != "" }

func table(ctx context.Context, only, k6 string, rounds int, length time.Duration) (below bool, err error) {
	fmt.Printf("%s %s/%s, %d CPUs, best of %d\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.TabIndent)
	fmt.Fprintln(w, "#\tfigure\tours\tbaseline\tunit\tratio\tgoal\tfloor\treached\tagainst\tserver CPU, ours : baseline")
	wanted := strings.Split(only, ",")
	for _, f := range bench.Figures(length, k6) {
		asked := slices.Contains(wanted, strconv.Itoa(f.No))
		if only != "" && !asked || f.Alone && !asked || f.Slow && quick() {
			continue
		}
		r, err := f.Measure(ctx, rounds)
		if err != nil {
			_ = w.Flush()
			return below, err
		}
		sign := "≥"
		if f.Less {
			sign = "≤"
		}
		below = below || r.Verdict() == bench.Below
		cpu := ""
		if r.OursCPU > 0 {
			cpu = fmt.Sprintf("%.1f : %.1f µs", r.OursCPU, r.BaseCPU)
		}
		fmt.Fprintf(w, "%d\t%s\t%.4g\t%.4g\t%s\t%.3g\t%s %.4g\t%s %.4g\t%s\t%s\t%s\n",
			f.No, f.Name, r.Ours, r.Base, f.Unit, r.Ratio, sign, f.Goal, sign, f.Floor, r.Verdict(), f.Baseline, cpu)
	}
	return below, w.Flush()
}
