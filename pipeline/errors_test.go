package pipeline

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"
)

func TestQuotedPathsAreOneWordOfAShell(t *testing.T) {
	for path, want := range map[string]string{
		"exports/おおの庵_202312.csv": "exports/おおの庵_202312.csv",
		"予約 (2).csv":              `"予約 (2).csv"`,
		"関係　人口":                   `"関係　人口"`,
		"a$b.csv":                 `'a$b.csv'`,
		`it's "x"`:                `'it'\''s "x"'`,
		"":                        `""`,
	} {
		if got := Quoted(path); got != want {
			t.Errorf("Quoted(%q) = %s, want %s", path, got, want)
		}
	}
}

func TestSystemErrorsInTheLanguageOfTheCall(t *testing.T) {
	full := fmt.Errorf("release: %w", &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	denied := &fs.PathError{Op: "mkdir", Path: "work", Err: syscall.EACCES}
	for _, test := range []struct {
		err        error
		lang, want string
	}{
		{full, "ja", "release: write x: ディスクに空きがありません"}, {full, "en", "release: write x: no space left on device"},
		{denied, "ja", "mkdir work: アクセスする権限がありません"}, {denied, "en", "mkdir work: permission denied"},
	} {
		if got := Message(test.err, test.lang); got != test.want {
			t.Errorf("Message(%v, %s) = %s, want %s", test.err, test.lang, got, test.want)
		}
	}
}
