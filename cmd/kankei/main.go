// Kankei estimates the relational population of regions from booking exports
// and survey exports. This command reads flags and signals, and prints; what it
// does is in package pipeline.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	os.Exit(command(os.Args[1:]))
}

// ballast is memory that is never touched. The garbage collector runs whenever the heap has
// doubled, for a small project dozens of times; with this beside it, it starts at twice the
// ballast, and the heap of a large project is hardly another for it. Measured with Go 1.26 on two
// busy cores, in seconds of CPU: the run of one booking takes 1.43 instead of 1.55 (means of
// four) and 65 MB more, the sample's 50 to 52 instead of 52 and 70 to 150 MB more of 880. GOGC=200
// gives the sample's run as much for 290 MB, and would double the garbage of a large project.
var ballast = make([]byte, 64<<20)

// command is one call of the program with the process's own surroundings; a
// first signal ends it in good order, a second one at once.
func command(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer runtime.KeepAlive(ballast)
	context.AfterFunc(ctx, stop)
	return Main(ctx, args, World{Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv, Now: time.Now, Terminal: isTerminal(os.Stderr)})
}

// isTerminal says whether someone may be watching f. A device that is no
// terminal, such as /dev/null, does no harm: nobody sees the bars.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
