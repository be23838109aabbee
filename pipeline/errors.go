package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unicode"

	"github.com/kankei/kankei/pipeline/ingest"
	"github.com/kankei/kankei/schemas"
)

// Exit codes of the command. They are part of the interface: nightly jobs
// branch on them.
const (
	ExitReleased    = 0   // released, or nothing new
	ExitFailed      = 1   // failed, or another run holds the lock
	ExitMisused     = 2   // flags, configuration or key are wrong
	ExitRefused     = 3   // an input was refused and nothing was released
	ExitGated       = 4   // a quality or disclosure gate stopped the command
	ExitPartial     = 5   // released, with inputs refused (on_refused: continue)
	ExitInterrupted = 130 // a signal stopped the command
)

// Error is why a command ends without having done what was asked. It says
// where, what was found there, what was wanted instead and what to do next;
// parts that would say nothing are left empty.
type Error struct {
	// Code is the exit code of the command.
	Code int
	// Where is a file with line and column, or a path, relative to the project.
	Where string
	// Found is what is wrong.
	Found schemas.Text
	// Wanted is what would have been right.
	Wanted schemas.Text
	// Do is the next step for the reader.
	Do schemas.Text
	// Err is the cause below, if any.
	Err error
}

// Error is the message in English.
func (e *Error) Error() string { return e.Message("en") }

// Unwrap is the cause below.
func (e *Error) Unwrap() error { return e.Err }

// Message is the error in lang: the fault first, below it the several causes where there are several, and last the advice.
func (e *Error) Message(lang string) string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where + ": ")
	}
	b.WriteString(e.Found.In(lang))
	if several, ok := e.Err.(Problems); ok {
		for _, message := range several.messages(lang) {
			b.WriteString("\n  " + strings.ReplaceAll(message, "\n", "\n  "))
		}
	} else if e.Err != nil {
		b.WriteString(": " + Message(e.Err, lang))
	}
	if wanted := e.Wanted.In(lang); wanted != "" {
		b.WriteString(say("（使えるもの: %s）", " (allowed: %s)", wanted).In(lang))
	}
	if do := e.Do.In(lang); do != "" {
		b.WriteString("\n  → " + do)
	}
	return b.String()
}

// Problems are several errors told at once, so that a reader need not mend
// them one run at a time.
type Problems []error

// Error is the messages in English, one after the other.
func (p Problems) Error() string { return p.Message("en") }

// Unwrap is the errors themselves.
func (p Problems) Unwrap() []error { return p }

// Message is the messages in lang, one after the other.
func (p Problems) Message(lang string) string { return strings.Join(p.messages(lang), "\n") }

// namedAlike is how many files are named of those that are refused alike.
const namedAlike = 5

// messages are the messages in lang. Of files refused in a row for one reason, to be mended
// in one way, the first is told and the others are named: years of a house's exports
// fail together.
func (p Problems) messages(lang string) []string {
	var lines []string
	for i := 0; i < len(p); {
		first, is := p[i].(*ingest.Refusal)
		lines = append(lines, Message(p[i], lang))
		var alike []string
		for i++; is && i < len(p); i++ {
			next, is := p[i].(*ingest.Refusal)
			if !is || next.Reason != first.Reason || next.Do != first.Do || next.Found != first.Found && next.Reason != reasonNothing {
				break
			}
			alike = append(alike, next.File)
		}
		if n := len(alike); n > 0 {
			names := strings.Join(alike[:min(n, namedAlike)], ", ")
			if n > namedAlike {
				names += ", …"
			}
			lines = append(lines, say("  同じ理由でほかに %d 件: %s", "  for the same reason %d more: %s", n, names).In(lang))
		}
	}
	return lines
}

// orNil is p as an error, nil if there are none.
func (p Problems) orNil() error {
	switch len(p) {
	case 0:
		return nil
	case 1:
		return p[0]
	}
	return p
}

// Message is err in lang where it speaks that language, otherwise in English.
// The messages wrapped around a speaking error are kept in front of it.
func Message(err error, lang string) string {
	if speaker, ok := err.(interface{ Message(string) string }); ok {
		return speaker.Message(lang)
	}
	if inner := errors.Unwrap(err); inner != nil {
		if around, ok := strings.CutSuffix(err.Error(), inner.Error()); ok {
			return around + Message(inner, lang)
		}
	}
	for _, known := range systemErrors {
		if lang == "ja" && errors.Is(err, known.err) {
			return known.ja
		}
	}
	return err.Error()
}

// systemErrors are what the operating system refuses most often, in Japanese:
// its own words are in English alone.
var systemErrors = []struct {
	err error
	ja  string
}{
	{fs.ErrPermission, "アクセスする権限がありません"},
	{fs.ErrNotExist, "ありません"},
	{fs.ErrExist, "すでにあります"},
	{syscall.ENOSPC, "ディスクに空きがありません"},
	{syscall.EROFS, "書き込めないディスクです"},
}

// ExitCode is the exit code that err means: the code of the first error below
// it that carries one, refused input where ingest refused it, 130 where the
// context was cancelled, 0 where there is no error.
func ExitCode(err error) int {
	var coded *Error
	var refusal *ingest.Refusal
	switch {
	case err == nil:
		return ExitReleased
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &refusal):
		return ExitRefused
	}
	return ExitFailed
}

// Quoted is a path as a shell takes it for one word: as it is where that is
// plain letters, otherwise in quotes.
func Quoted(path string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/+@%:,=\\", r)
	}
	switch {
	case path != "" && strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0:
		return path
	case !strings.ContainsAny(path, "\"$`!"):
		return `"` + path + `"`
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// say is one message in both languages, with the same arguments in each.
func say(ja, en string, args ...any) schemas.Text {
	if len(args) == 0 {
		return schemas.Text{JA: ja, EN: en}
	}
	return schemas.Text{JA: fmt.Sprintf(ja, args...), EN: fmt.Sprintf(en, args...)}
}
