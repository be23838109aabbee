package pipeline

import (
	"fmt"
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/kankei/kankei/schemas"
)

// Warning is something a reader of the figures should know.
type Warning struct {
	// Kind groups warnings, such as rejected, hub or busy.
	Kind string `json:"kind"`
	// Where is the file, source or dataset it is about, or ''.
	Where string `json:"where"`
	JA    string `json:"ja"`
	EN    string `json:"en"`
}

// Double is the kind of warning about a file with the content of another one.
const Double = "double"

// In is the warning in lang, with where it holds in front.
func (w Warning) In(lang string) string {
	text := schemas.Text{JA: w.JA, EN: w.EN}.In(lang)
	if w.Where == "" {
		return text
	}
	return w.Where + ": " + text
}

// Reporter tells a person what a run does while it does it, and keeps its
// warnings: with moving bars on a terminal, in plain lines otherwise. It is
// safe for concurrent use.
type Reporter struct {
	lang string
	bars *mpb.Progress // nil for plain lines

	mu       sync.Mutex
	out      io.Writer
	warnings []Warning
}

// NewReporter reports to out in lang.
func NewReporter(out io.Writer, lang string, terminal bool) *Reporter {
	r := &Reporter{lang: lang, out: out}
	if terminal {
		r.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(40))
		r.out = r.bars // lines go above the bars
	}
	return r
}

// Say writes one line.
func (r *Reporter) Say(t schemas.Text) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.out, t.In(r.lang))
}

// Warn keeps a warning for the record of the run and the summary at its end. A
// warning already given is not repeated.
func (r *Reporter) Warn(kind, where string, t schemas.Text) {
	w := Warning{kind, where, t.JA, t.EN}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, known := range r.warnings {
		if known == w {
			return
		}
	}
	r.warnings = append(r.warnings, w)
}

// Warnings are those given so far.
func (r *Reporter) Warnings() []Warning {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Warning{}, r.warnings...)
}

// Close waits until the bars are drawn for the last time.
func (r *Reporter) Close() {
	if r.bars != nil {
		r.bars.Wait()
	}
}

// Task is a piece of work whose size is known.
type Task struct{ bar *mpb.Bar }

// Task begins a piece of work of total units; on a terminal it shows as a bar
// with the time it has yet to take.
func (r *Reporter) Task(name string, total int64) *Task {
	if r.bars == nil {
		return &Task{}
	}
	return &Task{r.bars.AddBar(max(total, 1),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.AverageETA(decor.ET_STYLE_MMSS, decor.WCSyncSpace)),
	)}
}

// Set says how many units are done. Completion is told by Done alone: a reader
// may count past the size of a compressed file.
func (t *Task) Set(done int64) {
	if t.bar != nil {
		t.bar.SetCurrent(done)
	}
}

// Done ends the task and takes its bar away.
func (t *Task) Done() {
	if t.bar != nil {
		t.bar.Abort(true)
	}
}
