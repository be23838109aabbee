package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Stage is one step of a run: a value in the list that [Stages] gives. It does
// not know its neighbours; it knows the datasets it reads and writes.
type Stage struct {
	// Name is how plan, progress and errors call it.
	Name string
	// Reads and Writes are names of datasets; a dataset has one writer, which runs before its readers.
	Reads, Writes []string
	// Params is what besides the datasets read decides what the stage writes,
	// such as settings. It goes into the key of the stage as JSON. nil is nothing.
	Params func(*Run) (any, error)
	// Fresh says whether what the stage wrote under an unchanged key is still
	// there and whole, and may load it into the run. nil is always.
	Fresh func(*Run) (bool, error)
	// Run reads, calls one transform and writes.
	Run func(context.Context, *Run) error
}

// Check refuses a list of stages in which a dataset is read before it is
// written, written twice, or not one of known.
func Check(stages []Stage, known func(dataset string) bool) error {
	writer := map[string]string{}
	names := map[string]bool{}
	for _, s := range stages {
		if s.Name == "" || s.Run == nil || names[s.Name] {
			return fmt.Errorf("stage %q: wants a name of its own and a body", s.Name)
		}
		names[s.Name] = true
		for _, d := range s.Reads {
			if writer[d] == "" {
				return fmt.Errorf("stage %s: reads %s, which no stage before it writes", s.Name, d)
			}
		}
		for _, d := range s.Writes {
			if !known(d) {
				return fmt.Errorf("stage %s: writes %s, which is not a dataset", s.Name, d)
			}
			if writer[d] != "" {
				return fmt.Errorf("stage %s: writes %s, which %s writes already", s.Name, d, writer[d])
			}
			writer[d] = s.Name
		}
	}
	return nil
}

// stageKey is the key of a stage: 32 hexadecimal digits of the SHA-256 over its
// name, the executable, its parameters, and the keys of the stages that wrote
// what it reads, in the order of Reads. Keys chain: one changed input changes
// the keys of everything below it and of nothing else.
func stageKey(s Stage, executable string, params any, writers map[string]string) (string, error) {
	text, err := json.Marshal(params)
	if err != nil {
		return "", fmt.Errorf("stage %s: parameters: %w", s.Name, err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q", s.Name, executable, text)
	for _, d := range s.Reads {
		fmt.Fprintf(h, " %q %q", d, writers[d])
	}
	fmt.Fprintf(h, " %q", strings.Join(s.Writes, " "))
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}
